"""`animestudy keep`: put a profile's numbers on real data where the claims read them."""

import argparse


def grammar(verb: argparse.ArgumentParser) -> None:
    """Its arguments."""
    verb.add_argument("stages", nargs="+", metavar="STAGE", help="stages of dvc.yaml that have run")
    verb.add_argument("--profile", default="real", help="a file of profiles/ without .txt (real)")


def run(args: argparse.Namespace) -> int:
    """Run it; returns the exit status."""
    from animestudy import pipeline
    from animestudy.paths import ROOT

    for path in pipeline.keep(args.profile, args.stages):
        print(path.relative_to(ROOT))
    return 0
