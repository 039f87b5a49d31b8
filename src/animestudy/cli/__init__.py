"""`animestudy`: the command line. Each verb has a file here for its arguments; its work is done elsewhere."""

import argparse
import sys

from animestudy.cli import (
    check,
    classify,
    convert,
    export,
    fetch,
    keep,
    lab,
    pack,
    render,
    report,
    repro,
    serve,
    train_gan,
    train_style,
    verify,
)
from animestudy.errors import StudyError

VERBS = {
    "repro": (repro, "run the study; what is up to date is not run again"),
    "report": (report, "render the report and say where it is"),
    "verify": (verify, "run the smoke profile twice and compare every byte"),
    "lab": (lab, "open the notebooks in JupyterLab, the data drawn first"),
    "check": (check, "validate params.yaml (or another file)"),
    "keep": (keep, "put a profile's numbers on real data where the claims read them"),
    "render": (render, "draw a picture of the atelier, or a contact sheet"),
    "import": (pack, "pack a folder of pictures into a collection"),
    "fetch": (fetch, "download the pictures that a table of yours names"),
    "classify": (classify, "name the style or state of mind of your own pictures"),
    "convert": (convert, "turn pictures and clips into drawings with a trained generator"),
    "export": (export, "write a generator as ONNX, for other programs"),
    "train-style": (train_style, "train the style classifier on a collection"),
    "train-gan": (train_gan, "train a photo-to-anime network on two folders"),
    "serve": (serve, "a page on which pictures and clips become drawings"),
}


def parser() -> argparse.ArgumentParser:
    """The command line's grammar."""
    top = argparse.ArgumentParser(prog="animestudy", description="Tools of the anime-style study.")
    verbs = top.add_subparsers(dest="verb", required=True, metavar="VERB")
    for name, (module, words) in VERBS.items():
        verb = verbs.add_parser(name, help=words)
        module.grammar(verb)
        verb.set_defaults(run=module.run)
    return top


def main(words: list[str] | None = None) -> int:
    """Entry point: 0 done, 1 done in part, 2 a mistake of the user's, 130 interrupted."""
    try:
        args = parser().parse_args(words)
        return args.run(args)
    except StudyError as error:
        print(f"animestudy: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("animestudy: interrupted", file=sys.stderr)
        return 130
