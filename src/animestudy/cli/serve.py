"""`animestudy serve`: a page on which pictures and clips become drawings (paper §4)."""

import argparse
from pathlib import Path

from animestudy.errors import StudyError


def grammar(verb: argparse.ArgumentParser) -> None:
    """Its arguments."""
    verb.description = (
        "Serve a page on which people submit pictures and clips, follow their jobs and fetch the drawings, "
        "and the same as an HTTP interface (/api/docs). It listens to this machine alone unless told "
        "otherwise. What was accepted survives a stop: jobs that were not finished go on at the next start."
    )
    verb.add_argument("--host", default="127.0.0.1", help="address to listen to (127.0.0.1)")
    verb.add_argument("--port", type=int, default=8000, help="0: any that is free (8000)")
    verb.add_argument("--engine", choices=("local", "ray"), default="local", help="who converts (local)")
    verb.add_argument("--workers", type=int, default=0, metavar="N", help="that convert (one for each core)")
    verb.add_argument(
        "--address", default="", metavar="HOST:PORT", help="of a Ray cluster to join; otherwise its own"
    )
    verb.add_argument("--data", metavar="DIR", help="jobs and results (scratch/platform of the study)")
    verb.add_argument(
        "--name", dest="names", action="append", default=[], metavar="HOST", help="also reached by this name"
    )
    verb.add_argument(
        "--limit", action="append", default=[], metavar="NAME=NUMBER", help="e.g. seconds=20; /api/limits"
    )
    verb.add_argument(
        "--grace", type=float, default=10.0, metavar="SECONDS", help="that jobs have at a stop (10)"
    )


def run(args: argparse.Namespace) -> int:
    """Run it; returns the exit status."""
    from animestudy.paths import ROOT

    try:
        from animestudy.platform import serve
    except ModuleNotFoundError as error:
        if error.name in ("fcntl", "resource"):
            raise StudyError(
                "serve: needs Linux or macOS, whose limits it puts on what reads files"
            ) from None
        raise StudyError(
            f"serve: the package {error.name} is missing; pip install 'animestudy[platform]'"
        ) from None
    words = {name: value for name, value in vars(args).items() if name not in ("verb", "run", "data")}
    return serve.run(serve.Request(data=Path(args.data or ROOT / "scratch/platform"), **words))
