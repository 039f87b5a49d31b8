"""`animestudy export`: write a generator as ONNX, for other programs."""

import argparse
from pathlib import Path


def grammar(verb: argparse.ArgumentParser) -> None:
    """Its arguments."""
    verb.description = (
        "Write a generator as an ONNX file that takes pictures of any height and width (N×3×H×W float32 in "
        "−1 … 1, RGB, same out), and check it against PyTorch on some sizes. A network that looks for faces "
        "at one size has a second input, view_160: means of k×k pixels, k = round(longer side / 160)."
    )
    verb.epilog = "animestudy export --model fsgan --onnx fsgan.onnx"
    verb.add_argument("--model", default="", metavar="NAME|FILE", help="as in animestudy convert")
    verb.add_argument("--onnx", required=True, metavar="FILE", help="the file to write")
    verb.add_argument("--force", action="store_true", help="replace an existing file")


def run(args: argparse.Namespace) -> int:
    """Run it; returns the exit status."""
    from animestudy.convert import export

    print(export.write(args.model, Path(args.onnx), args.force))
    return 0
