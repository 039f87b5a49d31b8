"""`animestudy verify`: run the smoke profile twice and hold it against the committed numbers."""

import argparse


def grammar(verb: argparse.ArgumentParser) -> None:
    """Its arguments."""
    verb.add_argument("--accept", action="store_true", help="hold these headline numbers from now on")


def run(args: argparse.Namespace) -> int:
    """Run it; returns the exit status."""
    from animestudy import pipeline

    lines = pipeline.verify(args.accept)
    held = "stand in profiles/smoke.json now" if args.accept else "hold"
    print("\n".join(lines) or f"verify: both runs gave the same bytes, and the headline numbers {held}")
    return 1 if lines else 0
