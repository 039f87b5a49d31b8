"""Numbers for Prometheus. None of them belongs to a person."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from animestudy.platform.engines import Crew
from animestudy.platform.store import Row, Store

SPANS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800)  # seconds


class Metrics:
    """Counters of one server."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        known = {"registry": self.registry, "namespace": "animestudy"}
        self.requests = Counter("requests", "Answers by status", ["status"], **known)
        self.jobs = Counter("jobs_ended", "Jobs by how they ended", ["kind", "model", "state"], **known)
        self.seconds = Histogram("job_seconds", "From start to end", ["kind"], buckets=SPANS, **known)
        self.open = Gauge("jobs_open", "Jobs queued or running", **known)
        self.line = Gauge("chunks_waiting", "Chunks of frames that wait for a worker", **known)
        self.workers = Gauge("workers_ready", "Workers that can convert", **known)
        self.lost = Gauge("workers_lost", "Workers that were replaced", **known)
        self.batches = Gauge("batches", "Messages to workers", **known)
        self.network = Gauge("network_seconds", "Time that the networks took, of all workers", **known)
        self.chunks = Gauge("chunks", "Chunks in these messages", **known)

    def ended(self, row: Row, seconds: float) -> None:
        """Count a job."""
        self.jobs.labels(row.kind, row.model, row.state).inc()
        if row.state == "done":
            self.seconds.labels(row.kind).observe(seconds)

    def text(self, store: Store, crew: Crew) -> bytes:
        """Everything, as Prometheus reads it."""
        self.open.set(store.open())
        self.line.set(len(crew.line))
        for name, value in (
            ("workers", crew.ready),
            ("lost", crew.lost),
            ("batches", crew.batches),
            ("chunks", crew.chunks),
            ("network", crew.seconds),
        ):
            getattr(self, name).set(value)
        return generate_latest(self.registry)
