"""`animestudy repro`: run the study, or some stages of it, in a profile."""

import argparse


def grammar(verb: argparse.ArgumentParser) -> None:
    """Its arguments."""
    verb.add_argument("stages", nargs="*", metavar="STAGE", help="only these stages of dvc.yaml")
    verb.add_argument("--profile", default="default", help="default, or a file of profiles/ without .txt")


def run(args: argparse.Namespace) -> int:
    """Run it; returns the exit status."""
    from animestudy import pipeline

    print(f"The report: {pipeline.reproduce(args.profile, args.stages) / pipeline.INDEX}")
    return 0
