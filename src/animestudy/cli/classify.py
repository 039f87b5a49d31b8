"""`animestudy classify`: name the style or state of mind of your own pictures."""

import argparse
from pathlib import Path


def grammar(verb: argparse.ArgumentParser) -> None:
    """Its arguments."""
    from animestudy.models import shipped

    brought = ", ".join(shipped.names("classifier"))
    verb.description = (
        "Say which style, or which state of mind, a trained classifier sees in pictures: the best label with "
        "its probability, and the runner-up. Files are cut and scaled as the training pictures were. "
        "Exit status: 0 all classified, 1 some could not be read (they are named), 2 a mistake in the words."
    )
    verb.epilog = "animestudy classify ~/pictures --task style --csv styles.csv --cam overlays"
    verb.add_argument(
        "paths", nargs="+", metavar="PATH", help="pictures, and folders that are searched for them"
    )
    verb.add_argument(
        "--task",
        choices=("style", "psychology"),
        default="",
        help="what to tell apart, by the study's own weights (models/TASK.pt, from make repro) or --weights",
    )
    verb.add_argument(
        "--weights",
        metavar="FILE|NAME",
        help="other weights: a file, e.g. of animestudy train-style, or those that the study brings"
        + (f": {brought}" if brought else ""),
    )
    verb.add_argument("--csv", metavar="FILE", help="write a table: file,label,probability and every class")
    verb.add_argument(
        "--cam",
        metavar="DIR",
        help="write overlays (PNG, at most 1024 pixels long): what speaks for the label, by Grad-CAM; "
        "bright is evidence, grey none; what the square cuts off is pale",
    )
    verb.add_argument(
        "--layer", default="", help="block of the network that overlays explain (params.yaml, gradcam)"
    )
    verb.add_argument("--batch", type=int, default=32, help="pictures in memory at once (32)")
    verb.add_argument("--workers", type=int, default=0, help="processes that decode (one for each core)")
    verb.add_argument("--force", action="store_true", help="replace the table and overlays that are there")


def run(args: argparse.Namespace) -> int:
    """Run it; returns the exit status."""
    from animestudy.explain import classify

    words = {name: value for name, value in vars(args).items() if name not in ("verb", "run", "paths")}
    words |= {name: Path(words[name]) for name in ("weights", "csv", "cam") if words[name]}
    return classify.run(classify.Request([Path(path) for path in args.paths], **words))
