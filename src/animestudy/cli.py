"""`animestudy`: the study's command line. Each verb's code lives with its subject; here are only the words."""

import argparse
import sys

from animestudy.errors import StudyError


def parser() -> argparse.ArgumentParser:
    """The command line's grammar."""
    top = argparse.ArgumentParser(prog="animestudy", description="Tools of the anime-style study.")
    verbs = top.add_subparsers(dest="verb", required=True, metavar="VERB")

    check = verbs.add_parser("check", help="validate params.yaml (or another file)")
    check.add_argument("file", nargs="?", default="params.yaml")
    check.set_defaults(run=run_check)
    return top


def run_check(args: argparse.Namespace) -> int:
    """`animestudy check`."""
    from pathlib import Path

    from animestudy import params

    params.read(Path(args.file))
    print(f"{args.file}: valid")
    return 0


def main(words: list[str] | None = None) -> int:
    """Entry point: 0 done, 1 done in part, 2 a mistake of the user's, 130 interrupted."""
    args = parser().parse_args(words)
    try:
        return args.run(args)
    except StudyError as error:
        print(f"animestudy: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("animestudy: interrupted", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
