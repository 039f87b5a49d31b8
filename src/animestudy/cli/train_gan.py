"""`animestudy train-gan`: train a photo-to-anime network on two folders."""

import argparse
from pathlib import Path


def grammar(verb: argparse.ArgumentParser) -> None:
    """Its arguments."""
    verb.description = (
        "Train a network that turns photographs into drawings, from a folder of photographs and one of "
        "drawings of other things (or collections that `animestudy import` has packed). An unfinished "
        "training goes on where it was when the same command is given again. What is not said here stands in "
        "params.yaml, sections scene and portrait."
    )
    verb.epilog = "animestudy train-gan --photos ~/photos --anime ~/frames --out models/mine.pt"
    verb.add_argument("--photos", required=True, metavar="DIR", help="photographs, or a collection of them")
    verb.add_argument("--anime", required=True, metavar="DIR", help="drawings, or a collection of them")
    verb.add_argument("--out", metavar="FILE", default="models/mine.pt", help="the weights (models/mine.pt)")
    verb.add_argument(
        "--method",
        default="fsgan",
        help="fsgan, cartoongan or animegan; of faces afgan or ugatit_light (fsgan)",
    )
    verb.add_argument(
        "--size", type=int, default=192, metavar="N", help="side to which folders are packed, pixels (192)"
    )
    verb.add_argument(
        "--styles",
        nargs="+",
        default=(),
        metavar="NAME",
        help="of a collection, only these",
    )
    verb.add_argument("--steps", type=int, default=4000, metavar="N", help="of the training (4000)")
    verb.add_argument("--batch", type=int, metavar="N", help="photographs, and drawings, a step")
    verb.add_argument("--crop", type=int, default=128, metavar="N", help="side of a training crop (128)")
    verb.add_argument("--width", type=int, metavar="N", help="channels of the generator's first layer")
    verb.add_argument(
        "--content",
        default="",
        metavar="FILE",
        help="SqueezeNet 1.0 of ImageNet for the content term",
    )
    verb.add_argument("--start", metavar="FILE", help="begin with these weights of the same network")
    verb.add_argument("--seed", type=int, default=0, help="of networks and crops (0)")
    verb.add_argument("--profile", default="real", help="of profiles/, which changes params.yaml (real)")
    verb.add_argument("--force", action="store_true", help="replace weights, packed folders, unfinished runs")


def run(args: argparse.Namespace) -> int:
    """Run it; returns the exit status."""
    from animestudy import pipeline
    from animestudy.report import bars
    from animestudy.training import gan

    words = {name: getattr(args, name) for name in ("steps", "batch", "crop")}
    order = gan.Order(
        args.photos,
        args.anime,
        Path(args.out),
        args.method,
        args.size,
        tuple(args.styles),
        {name: value for name, value in words.items() if value is not None},
        {"width": args.width} if args.width else {},
        args.content,
        args.start and Path(args.start),
        args.seed,
        pipeline.overridden(args.profile),
        args.force,
    )
    with bars.shown("train-gan"):
        plan = gan.plan(order)
        print(plan, flush=True)
        trained = gan.train(plan)
    print(trained)
    return 0
