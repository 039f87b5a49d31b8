"""`animestudy train-style`: train the style classifier on a collection."""

import argparse
from pathlib import Path


def grammar(verb: argparse.ArgumentParser) -> None:
    """Its arguments."""
    from animestudy.models import shipped

    brought = ", ".join(shipped.names("classifier"))
    verb.description = (
        "Train the study's style classifier on a collection that `animestudy import` has packed, and write "
        "weights for `animestudy classify`. What is not said here stands in params.yaml, section style."
    )
    verb.epilog = "animestudy train-style data/titles --epochs 20 --seeds 1"
    verb.add_argument("source", metavar="data/NAME", help="the collection (from the study's root)")
    verb.add_argument("--out", metavar="FILE", help="the weights (models/NAME.pt of the study)")
    verb.add_argument(
        "--start",
        metavar="FILE|NAME",
        help="fine-tune SqueezeNet from these weights: a file (torchvision's squeezenet1_0, of ImageNet), or "
        + (f"those that the study brings: {brought}" if brought else "those that the study brings"),
    )
    verb.add_argument("--label", metavar="COLUMN", help="column of metadata.csv that is learnt")
    verb.add_argument("--kind", choices=("scene", "portrait", "any"), help="pictures to learn from")
    verb.add_argument("--size", type=int, metavar="N", help="side of a training picture in pixels")
    verb.add_argument("--epochs", type=int, metavar="N", help="passes over the training pictures")
    verb.add_argument("--seeds", type=int, metavar="N", help="trainings; the first one's weights are kept")
    verb.add_argument("--batch", type=int, metavar="N", help="pictures a step")
    verb.add_argument("--rate", type=float, help="highest learning rate")
    verb.add_argument(
        "--augment",
        choices=("mirror", "none", "safe", "colour", "auto", "cutmix"),
        help="of training pictures",
    )
    verb.add_argument(
        "--precision", choices=("32-true", "bf16-mixed"), help="bf16-mixed: twice as fast where there is bf16"
    )
    verb.add_argument(
        "--whole", action="store_true", help="learn from the validation pictures as well; none is watched"
    )
    verb.add_argument("--force", action="store_true", help="replace existing weights")


def run(args: argparse.Namespace) -> int:
    """Run it; returns the exit status."""
    from animestudy.report import bars
    from animestudy.training import style

    apart = ("verb", "run", "source", "out", "start", "force", "whole")
    settings = {name: value for name, value in vars(args).items() if name not in apart and value is not None}
    out, start = args.out and Path(args.out), args.start or ""
    order = style.Order(args.source, out, start, settings, args.force, args.whole)
    plan = style.plan(order)
    print(plan, flush=True)
    with bars.shown("train-style"):
        trained = style.train(plan)
    print(trained)
    return 0
