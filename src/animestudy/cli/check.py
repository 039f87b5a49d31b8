"""`animestudy check`: validate params.yaml, or another file of parameters."""

import argparse
from pathlib import Path


def grammar(verb: argparse.ArgumentParser) -> None:
    """Its arguments."""
    verb.add_argument("file", nargs="?", type=Path, default=Path("params.yaml"))


def run(args: argparse.Namespace) -> int:
    """Run it; returns the exit status."""
    from animestudy import params

    params.read(args.file)
    print(f"{args.file}: valid")
    return 0
