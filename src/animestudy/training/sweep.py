"""Independent trainings side by side, each in a process with a fixed number of threads.

What comes back depends on the jobs alone, not on how many processes, cores or machines ran them.
"""

import importlib.util
import os
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any, TypeVar

import joblib

from animestudy import progress
from animestudy.errors import StudyError
from animestudy.training.orphans import end_with

T = TypeVar("T")


def sweep(
    function: Callable[..., T],
    jobs: Sequence[dict[str, Any]],
    *,
    threads: int = 1,
    workers: int = 0,
    backend: str = "loky",
    description: str = "",
    summary: Callable[[T], str] | None = None,
) -> list[T]:
    """``[function(**job) for job in jobs]``, several at a time; results in the order of the jobs.

    function: importable by name (a function of a module), so that another process finds it.
    jobs: its keyword arguments. Large arrays in them are shared through memory maps (read-only), not copied.
    threads: of each job, whatever the machine has; sums depend on it in their last digits.
    workers: processes at a time; 0 means one for every `threads` cores.
    backend: "loky", processes on this machine, or "ray", the cluster that ray finds.
    description, summary: what the progress line says: a word for the whole, and how a result reads in brief.

    The first job that fails stops the others and its exception is raised here. Ctrl-C stops everything at
    once; workers also end by themselves when this process is killed.
    """
    ready(backend)
    workers = min(workers or max(1, joblib.cpu_count() // threads), max(1, len(jobs)))
    # joblib would run a single worker's jobs in this process, under other conditions than those of two
    options: dict[str, Any] = {"n_jobs": max(2, workers)}
    if backend == "loky":
        options |= {"inner_max_num_threads": threads, "initializer": end_with, "initargs": (os.getpid(),)}
    calls = [joblib.delayed(_job)(k, function, job, threads) for k, job in enumerate(jobs)]
    results: dict[int, T] = {}
    with (
        progress.bar(total=len(jobs), description=description, unit="trainings") as bar,
        joblib.parallel_config(backend, **options),
        joblib.Parallel(return_as="generator_unordered", pre_dispatch=workers, batch_size=1) as pool,
        closing(pool(calls)) as arriving,  # closing it ends the jobs that still run or wait
    ):
        for k, result in arriving:
            results[k] = result
            if summary is not None:
                bar.set_postfix(last=summary(result))
            bar.update()
    return [results[k] for k in range(len(jobs))]


def ready(backend: str) -> None:
    """Make joblib know the backend; raises `StudyError` where it cannot be used."""
    if backend == "ray":
        if importlib.util.find_spec("ray") is None:
            raise StudyError(
                "compute.backend = 'ray': ray is not installed; pip install 'animestudy[cluster]'"
            )
        from ray.util.joblib import register_ray

        register_ray()
    elif backend != "loky":
        raise StudyError(f"compute.backend = {backend!r}: choose loky or ray")


def _job(k: int, function: Callable[..., T], job: dict[str, Any], threads: int) -> tuple[int, T]:
    """One job, in a worker."""
    from animestudy.training import machine  # loads torch, which the process that only waits can do without

    # where no runner paints them, bars of several processes would overwrite each other
    os.environ.setdefault(progress.VARIABLE, os.devnull)
    machine.deterministic(threads)
    return k, function(**job)
