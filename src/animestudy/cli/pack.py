"""`animestudy import`: pack a folder of pictures into a collection."""

import argparse
from pathlib import Path

from animestudy.errors import StudyError


def grammar(verb: argparse.ArgumentParser) -> None:
    """Its arguments."""
    verb.description = (
        "Pack the pictures below FOLDER (a folder for each class, a flat folder, or one with metadata.csv) "
        "into a collection. Near copies are found and never cross a split. "
        "Exit status: 0 all packed, 1 some refused."
    )
    verb.add_argument("folder", metavar="FOLDER")
    verb.add_argument(
        "--out", required=True, metavar="data/NAME", help="the collection (from the study's root)"
    )
    verb.add_argument("--domain", choices=("photo", "anime"), default="")
    verb.add_argument("--kind", choices=("scene", "portrait"), default="scene")
    verb.add_argument(
        "--label", choices=("style", "psychology", "none"), default="style", help="what names of folders mean"
    )
    verb.add_argument(
        "--group",
        choices=("none", "folder"),
        default="none",
        help="folder: pictures of one folder (a film, a painter) stay in one split",
    )
    verb.add_argument(
        "--as",
        dest="published",
        choices=("wikiart-emotions", "artemis", "artgan", "kaokore", "cuc2018", "animegan"),
        help="read the labels as this public set publishes them; a picture without a label is left out",
    )
    verb.add_argument("--labels", metavar="FILE", help="the label file of --as")
    verb.add_argument("--size", type=int, default=96, help="side in pixels (96)")
    verb.add_argument(
        "--crop",
        choices=("upper", "center", "squeeze", "stretch", "fit"),
        default="upper",
        help="the middle square, of upright pictures a higher one (upper); exactly the middle; up to 4:3 "
        "squeezed into the square; everything stretched; everything, padded with its mean colour",
    )
    verb.add_argument(
        "--jpeg", type=int, metavar="QUALITY", help="one JPEG round trip for all after resizing"
    )
    verb.add_argument(
        "--aspect", type=float, nargs=2, metavar=("MIN", "MAX"), help="only these width / height ratios"
    )
    verb.add_argument("--enlarge", type=float, default=2.0, help="refuse pictures to be enlarged more (2)")
    verb.add_argument("--megapixels", type=float, default=100.0, help="refuse larger pictures unopened (100)")
    verb.add_argument("--near", type=int, default=72, metavar="BITS", help="in which near copies differ (72)")
    verb.add_argument(
        "--fractions",
        type=float,
        nargs=3,
        metavar=("TRAIN", "VAL", "TEST"),
        help="split so (0.7 0.15 0.15, or as metadata.csv or folders train, val, test say)",
    )
    verb.add_argument("--limit", type=int, metavar="N", help="take N pictures, spread evenly over the labels")
    verb.add_argument("--seed", type=int, default=0, help="of the limit's choice and of the split (0)")
    verb.add_argument("--source", default="", help="where the pictures are from, for the card")
    verb.add_argument("--licence", help="on what terms, for the card")
    verb.add_argument("--workers", type=int, default=0, help="processes (one for each core)")
    verb.add_argument("--force", action="store_true", help="replace an existing collection")


def run(args: argparse.Namespace) -> int:
    """Run it; returns the exit status."""
    from animestudy.data import decode, published, receipt, sources

    about = published.SETS[args.published] if args.published else None
    if args.labels and not about:
        raise StudyError("--labels: say with --as which set the file belongs to")
    listing = about and published.take(Path(args.folder), about, args.labels and Path(args.labels))

    form = decode.Form(
        args.size, args.crop, args.jpeg, args.aspect and tuple(args.aspect), args.enlarge, args.megapixels
    )
    order = sources.Order(
        form,
        label=args.label,
        domain=args.domain,
        kind=args.kind,
        group=args.group,
        source=args.source or (about.name if about else ""),
        licence=args.licence or (about.licence if about else sources.UNSTATED),
        fractions=args.fractions and tuple(args.fractions),
        threshold=args.near,
        limit=args.limit,
        seed=args.seed,
    )
    done = sources.pack(args.folder, args.out, order, args.workers, args.force, listing)
    print(receipt.text(done, f"{args.out}/{sources.TABLE}"))
    if about:
        print(f"{about.name}: {about.licence}")
    return 1 if done.refused else 0
