"""`animestudy convert`: turn pictures into drawings with a trained generator."""

import argparse
from pathlib import Path


def grammar(verb: argparse.ArgumentParser) -> None:
    """Its arguments."""
    from animestudy.convert import generator, sizes

    there = ", ".join(generator.known())
    verb.description = (
        "Turn pictures and clips of any size into drawings. Pictures are turned upright as their EXIF says, "
        "brought to sRGB and written with 8 bits a channel in the format and size of the original; "
        "transparency is kept, other metadata is not. Below 32 pixels there is little to draw. Clips keep "
        "their time stamps and sound. Exit status: 0 all converted, 1 some left as they are or unreadable "
        "(they are named), 2 a mistake in the words."
    )
    verb.epilog = "animestudy convert ~/photos holiday.jpg 'more/*.png' --out drawings"
    verb.add_argument(
        "inputs", nargs="+", metavar="INPUT", help="pictures, clips, folders with them, patterns"
    )
    verb.add_argument("--out", required=True, metavar="DIR", help="folder for the drawings, made if need be")
    verb.add_argument(
        "--model",
        default="",
        metavar="NAME|FILE",
        help="the generator: a file, e.g. of make repro or animestudy export, or a name"
        + (f" ({there}; the first is taken unless said)" if there else ""),
    )
    verb.add_argument(
        "--format",
        default=[],
        action="append",
        choices=("jpg", "png", "webp", "tif", "bmp", "avif", "mp4", "webm", "gif"),
        help="of the drawings (that of each input; of other clips mp4); say it twice for pictures and clips",
    )
    verb.add_argument(
        "--tile",
        default="auto",
        metavar="auto|N|off",
        help="convert in tiles of N pixels a side, with the result of the whole; "
        f"auto: {sizes.TILE} above {sizes.WHOLE / 1e6:.0f} megapixel",
    )
    verb.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="auto: a GPU if any")
    verb.add_argument(
        "--engine",
        choices=("torch", "onnx", "openvino"),
        default="torch",
        help="onnx and openvino are faster on a CPU, convert whole pictures only, and need their packages",
    )
    verb.add_argument("--megapixels", type=float, default=100.0, help="refuse larger pictures (100)")
    verb.add_argument(
        "--max-side",
        type=int,
        default=0,
        metavar="PIXELS",
        help="first reduce pictures and clips to this longer side: lines come out thicker, details fewer",
    )
    verb.add_argument("--side-by-side", action="store_true", help="the original on the left")
    verb.add_argument("--force", action="store_true", help="replace drawings that are there")
    clips = verb.add_argument_group("clips")
    clips.add_argument("--start", type=float, default=0.0, metavar="SECONDS", help="convert from here on (0)")
    clips.add_argument("--end", type=float, default=float("inf"), metavar="SECONDS", help="and up to here")
    clips.add_argument("--every", type=int, default=1, metavar="N", help="each N-th frame only (1)")
    clips.add_argument("--silent", action="store_true", help="without sound")
    clips.add_argument("--minutes", type=float, default=30.0, metavar="N", help="refuse longer clips (30)")
    clips.add_argument(
        "--frame-megapixels",
        type=float,
        default=9.5,
        metavar="N",
        help="refuse larger frames (9.5; 4K has 8.8)",
    )


def run(args: argparse.Namespace) -> int:
    """Run it; returns the exit status."""
    from animestudy.convert import clips, command, engines

    machine = engines.Machine(args.engine, args.device, args.tile)
    cut = clips.Cut(
        args.start,
        args.end,
        args.every,
        args.max_side,
        args.side_by_side,
        not args.silent,
        args.minutes,
        args.frame_megapixels,
    )
    request = command.Request(
        args.inputs, Path(args.out), args.model, args.format, machine, args.megapixels, cut, args.force
    )
    return command.run(request)
