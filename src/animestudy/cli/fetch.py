"""`animestudy fetch`: download the pictures that a table of yours names."""

import argparse
from pathlib import Path


def grammar(verb: argparse.ArgumentParser) -> None:
    """Its arguments."""
    verb.description = (
        "Download the pictures whose addresses stand in TABLE: one at a time, slowly, each checked; what is "
        "there and intact is not fetched again, so the same command goes on. Says first from where and on "
        "what terms. Exit status: 0 all there, 1 some failed (they are named, and stand in fetched.csv)."
    )
    verb.epilog = "animestudy fetch WikiArt-info.tsv --as wikiart-emotions --out ~/wikiart --plan"
    verb.add_argument("table", metavar="TABLE", help="CSV or TSV with a column of addresses, or one a line")
    verb.add_argument("--out", required=True, metavar="DIR", help="folder for the pictures, made if need be")
    verb.add_argument(
        "--as",
        dest="published",
        choices=("wikiart-emotions", "kaokore"),
        help="the public set that publishes such a table (WikiArt-info.tsv; urls.txt)",
    )
    verb.add_argument("--url", default="", metavar="COLUMN", help="of addresses (url, Image URL, …)")
    verb.add_argument("--name", default="", metavar="COLUMN", help="of file names (file_name, ID, …)")
    verb.add_argument("--checksum", default="", metavar="COLUMN", help="of MD5, SHA-1 or SHA-256, if any")
    verb.add_argument("--rate", type=float, default=1.0, metavar="N", help="requests a second, at most (1)")
    verb.add_argument("--megabytes", type=float, default=64.0, metavar="N", help="refuse larger files (64)")
    verb.add_argument("--megapixels", type=float, default=100.0, help="refuse larger pictures (100)")
    verb.add_argument("--limit", type=int, metavar="N", help="only the first N of the table")
    verb.add_argument("--private", action="store_true", help="also from this machine's own network")
    verb.add_argument("--plan", action="store_true", help="say what would be fetched, and fetch nothing")


def run(args: argparse.Namespace) -> int:
    """Run it; returns the exit status."""
    from animestudy.data import addresses, fetch, published

    request = fetch.Request(
        Path(args.table).expanduser(),
        Path(args.out).expanduser(),
        published.SETS[args.published] if args.published else None,
        addresses.Columns(args.url, args.name, args.checksum),
        args.rate,
        args.megabytes,
        args.megapixels,
        args.private,
        args.limit,
        args.plan,
    )
    return fetch.run(request)
