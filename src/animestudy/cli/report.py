"""`animestudy report`: render the pages, and print them."""

import argparse


def grammar(verb: argparse.ArgumentParser) -> None:
    """Its arguments."""
    verb.add_argument("--profile", default="default", help="default, or a file of profiles/ without .txt")
    verb.add_argument("--pdf", action="store_true", help="print it as well (needs Chromium)")


def run(args: argparse.Namespace) -> int:
    """Run it; returns the exit status."""
    from animestudy import pipeline

    folder = pipeline.reproduce(args.profile, ("site",))
    print(f"The report: {folder / pipeline.INDEX}")
    if args.pdf:
        from animestudy.report import booklet

        booklet.pdf(folder / pipeline.INDEX.with_name("print.html"), folder / pipeline.PDF)
        print(f"As a PDF: {folder / pipeline.PDF}")
    return 0
