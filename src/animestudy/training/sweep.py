"""Independent trainings side by side, each in a process with a fixed number of threads.

What comes back depends on the jobs alone, not on how many processes, cores or machines ran them. Workers on
this machine are forked from a server that loads the libraries once for all of them; nothing is ever computed
there, so that no thread and no GPU is copied.
"""

import importlib.util
import multiprocessing
import os
import pickle
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import closing
from multiprocessing import forkserver
from typing import Any, TypeVar

import numpy as np

from animestudy import progress
from animestudy import workers as manners
from animestudy.errors import StudyError

T = TypeVar("T")
LIBRARIES = ["animestudy.training.classifier"]  # with all that it imports: what most trainings need
ALIGNED = 64  # bytes; where shared arrays begin


def sweep(
    function: Callable[..., T],
    jobs: Sequence[dict[str, Any]],
    *,
    threads: int = 1,
    workers: int = 0,
    backend: str = "processes",
    description: str = "",
    unit: str = "trainings",
    summary: Callable[[T], str] | None = None,
) -> list[T]:
    """``[function(**job) for job in jobs]``, several at a time; results in the order of the jobs.

    function: importable by name (a function of a module), so that another process finds it.
    jobs: its keyword arguments. Arrays in them are shared (read-only), not copied.
    threads: of each job, whatever the machine has; sums depend on it in their last digits.
    workers: processes at a time; 0 means one for every `threads` cores.
    backend: "processes" on this machine, or "ray", the cluster that ray finds.
    description, unit, summary: what the progress line says: a word for the whole, what is counted, and how a
        result reads in brief.

    The first job that fails stops the others and its exception is raised here. Ctrl-C stops everything at
    once; workers also end by themselves when this process is killed.
    """
    import joblib

    ways = {"processes": _forked, "ray": _clustered}
    if backend not in ways:
        raise StudyError(f"compute.backend = {backend!r}: choose processes or ray")
    if not jobs:
        return []
    workers = min(workers or max(1, joblib.cpu_count() // threads), len(jobs))
    results: dict[int, T] = {}
    with (
        progress.bar(total=len(jobs), description=description, unit=unit) as bar,
        closing(ways[backend](function, jobs, threads, workers)) as arriving,  # closed: all end
    ):
        for k, result in arriving:
            results[k] = result
            if summary is not None:
                bar.set_postfix(last=summary(result))
            bar.update()
    return [results[k] for k in range(len(jobs))]


def prepare() -> None:
    """Start the server, unless it runs: it loads the libraries while this process goes on with its own."""
    forkserver.set_forkserver_preload(LIBRARIES)
    with manners.deaf():
        forkserver.ensure_running()


def load_ipython_extension(shell: object) -> None:
    """``%load_ext animestudy.training.sweep`` at the top of a notebook: `prepare`."""
    prepare()


def _forked(
    function: Callable[..., T], jobs: Sequence[dict[str, Any]], threads: int, workers: int
) -> Iterator[tuple[int, T]]:
    """Numbers of the jobs and their results, as they come, from workers on this machine."""
    prepare()
    context = multiprocessing.get_context("forkserver")
    given = (*_shared((function, jobs), context), threads)
    pool = ProcessPoolExecutor(workers, context, _begin, given)
    try:
        with manners.ended_on_error():
            for future in as_completed([pool.submit(_work, k) for k in range(len(jobs))]):
                k, result = future.result()
                yield k, pickle.loads(result)
    finally:
        manners.close(pool)


def _shared(
    thing: object, context: multiprocessing.context.BaseContext
) -> tuple[bytes, list[tuple[int, int]], Any]:
    """`thing` pickled without the contents of its arrays; where those begin and end; the memory they lie in.

    The memory has no name: it is gone with the last process that has it, however that ends.
    """
    buffers: list[pickle.PickleBuffer] = []
    head = pickle.dumps(thing, protocol=5, buffer_callback=buffers.append)
    spans, end = [], 0
    for buffer in buffers:
        start = -(-end // ALIGNED) * ALIGNED
        end = start + buffer.raw().nbytes
        spans.append((start, end))
    memory = context.RawArray("B", max(1, end))
    space = np.frombuffer(memory, np.uint8)
    for (start, end), buffer in zip(spans, buffers, strict=True):
        space[start:end] = buffer.raw()
    return head, spans, memory


_given: list[Any] = []  # in a worker: the function and the jobs


def _begin(head: bytes, spans: list[tuple[int, int]], memory: Any, threads: int) -> None:  # noqa: ANN401
    """The start of a worker."""
    manners.settle()
    space = np.frombuffer(memory, np.uint8)
    space.flags.writeable = False
    _settings(threads)
    _given[:] = pickle.loads(head, buffers=[space[start:end] for start, end in spans])


def _settings(threads: int) -> None:
    """Where and how a job computes, and where it says how far it is."""
    from threadpoolctl import threadpool_limits

    from animestudy.training import machine  # loads torch, which the process that only waits can do without

    # where no runner paints them, bars of several processes would overwrite each other
    os.environ.setdefault(progress.VARIABLE, os.devnull)
    threadpool_limits(threads)
    machine.deterministic(threads)


def _work(k: int) -> tuple[int, bytes]:
    """Job `k`, in a worker. Its result as plain bytes: tensors would be lent, and their lender soon ends."""
    function, jobs = _given
    return k, pickle.dumps(function(**jobs[k]), protocol=5)


def _clustered(
    function: Callable[..., T], jobs: Sequence[dict[str, Any]], threads: int, workers: int
) -> Iterator[tuple[int, T]]:
    """As `_forked`, on ray's cluster."""
    import joblib

    if importlib.util.find_spec("ray") is None:
        raise StudyError("compute.backend = 'ray': ray is not installed; pip install 'animestudy[cluster]'")
    from ray.util.joblib import register_ray

    register_ray()
    calls = [joblib.delayed(_distant)(k, function, job, threads) for k, job in enumerate(jobs)]
    with (
        joblib.parallel_config("ray", n_jobs=workers),
        joblib.Parallel(return_as="generator_unordered", pre_dispatch=workers, batch_size=1) as pool,
        closing(pool(calls)) as arriving,
    ):
        yield from arriving


def _distant(k: int, function: Callable[..., T], job: dict[str, Any], threads: int) -> tuple[int, T]:
    """One job, on another machine."""
    _settings(threads)
    return k, function(**job)
