"""`animestudy`: the study's command line. Each verb's code lives with its subject; here are the words."""

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

    for name, run, words in (
        ("repro", run_repro, "run the study; what is up to date is not run again"),
        ("report", run_report, "render the report and say where it is"),
    ):
        verb = verbs.add_parser(name, help=words)
        verb.add_argument("--profile", default="default", help="default, or a file of profiles/ without .txt")
        verb.set_defaults(run=run)
    verbs.choices["repro"].add_argument(
        "stages", nargs="*", metavar="STAGE", help="only these stages of dvc.yaml"
    )

    verify = verbs.add_parser("verify", help="run the smoke profile twice and compare every byte")
    verify.add_argument("--accept", action="store_true", help="hold these headline numbers from now on")
    verify.set_defaults(run=run_verify)

    lab = verbs.add_parser("lab", help="open the notebooks in JupyterLab, the data drawn first")
    lab.set_defaults(run=run_lab)
    return top


def run_check(args: argparse.Namespace) -> int:
    """`animestudy check`."""
    from pathlib import Path

    from animestudy import params

    params.read(Path(args.file))
    print(f"{args.file}: valid")
    return 0


def run_repro(args: argparse.Namespace) -> int:
    """`animestudy repro`."""
    from animestudy import pipeline

    print(f"The report: {pipeline.reproduce(args.profile, args.stages) / pipeline.INDEX}")
    return 0


def run_report(args: argparse.Namespace) -> int:
    """`animestudy report`."""
    from animestudy import pipeline

    print(f"The report: {pipeline.reproduce(args.profile, ('site',)) / pipeline.INDEX}")
    return 0


def run_verify(args: argparse.Namespace) -> int:
    """`animestudy verify`."""
    from animestudy import pipeline

    lines = pipeline.verify(args.accept)
    print("\n".join(lines) or "verify: both runs gave the same bytes, and the headline numbers hold")
    return 1 if lines else 0


def run_lab(args: argparse.Namespace) -> int:
    """`animestudy lab`."""
    import subprocess

    from animestudy import pipeline
    from animestudy.paths import ROOT

    pipeline.reproduce(stages=("data",))
    words = [sys.executable, "-m", "jupyterlab", "--config", "notebooks/jupyter_lab_config.py", "notebooks"]
    return subprocess.run(words, cwd=ROOT, env=pipeline.environment(ROOT)).returncode


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
