"""`animestudy render`: draw a picture of the atelier, or a contact sheet."""

import argparse
from pathlib import Path


def grammar(verb: argparse.ArgumentParser) -> None:
    """Its arguments."""
    verb.description = (
        "Draw a picture of the atelier: a scene or a portrait, in one of five anime styles or as a photo, in "
        "a painter's state of mind. The same words give the same picture at any size."
    )
    verb.epilog = "A sheet of everything: animestudy render --style all --psychology all --size 192 all.png"
    styles = ("cel", "watercolour", "ink", "gouache", "screentone", "all")
    states = ("neutral", "resolute", "tranquil", "anxious", "melancholic", "joyful", "all")
    verb.add_argument("out", metavar="OUT", help="the file to write: .png, .jpg or .webp")
    verb.add_argument("--kind", choices=("scene", "portrait"), default="scene")
    verb.add_argument("--domain", choices=("anime", "photo"), default="anime")
    verb.add_argument("--style", choices=styles, default="", help="of an anime picture (cel); all: rows")
    verb.add_argument("--psychology", choices=states, default="neutral", help="all: columns")
    verb.add_argument("--seed", type=int, default=0, help="which composition (0)")
    verb.add_argument(
        "--count", type=int, default=1, help="a contact sheet of this many seeds, from --seed on"
    )
    verb.add_argument("--size", type=int, default=512, help="side of each picture in pixels (512)")
    verb.add_argument("--local", type=float, default=1.0, help="strength of the mood in the lines, 0 … 2 (1)")
    verb.add_argument(
        "--overall", type=float, default=1.0, help="its strength in composition, palette and light, 0 … 2 (1)"
    )
    verb.add_argument("--decoy", action="store_true", help="allow the seal that no label depends on")
    verb.add_argument("--force", action="store_true", help="replace an existing file")


def run(args: argparse.Namespace) -> int:
    """Run it; returns the exit status."""
    from animestudy.data import draw

    words = {name: value for name, value in vars(args).items() if name not in ("verb", "run", "out")}
    print(draw.run(draw.Request(Path(args.out), **words)))
    return 0
