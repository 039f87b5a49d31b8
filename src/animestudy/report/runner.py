"""Run one notebook as a stage: ``python -m animestudy.report.runner notebooks/05_x.ipynb --params compute``.

Validates params.yaml, injects the named sections as the notebook's parameters, executes it with papermill and
writes the canonical result to ``reports/05_x.ipynb``, whole or not at all. Progress goes to the terminal.
Exit: 0 done, 1 the notebook failed (it lies in ``logs/`` with its traceback), 2 a mistake of the user's, 130
interrupted.
"""

import argparse
import ast
import logging
import os
import platform
import re
import shlex
import signal
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from animestudy import params, progress
from animestudy.checksum import checksum
from animestudy.errors import StudyError
from animestudy.paths import ROOT

# On x86-64 OpenBLAS picks a kernel by processor, and each rounds in its own way: one that all AVX2 ones run.
KERNEL = {"OPENBLAS_CORETYPE": "Haswell"} if platform.machine() in ("x86_64", "AMD64") else {}
# Threads of the libraries that start their own; results depend on the number.
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS")
SWEEP = "animestudy.training.sweep"
SWEEP_FILE = f"src/{SWEEP.replace('.', '/')}.py"
ANSI = re.compile(r"\x1b\[[0-9;]*m")


def parser() -> argparse.ArgumentParser:
    """The command's grammar."""
    top = argparse.ArgumentParser(prog="runner", description="Run one notebook as a stage of the study.")
    top.add_argument("notebook", type=Path, help="the notebook, e.g. notebooks/05_psychology.ipynb")
    top.add_argument(
        "--as",
        dest="name",
        metavar="NAME",
        help="name of the result: the notebook's, or with -variant behind",
    )
    top.add_argument(
        "--params",
        nargs="*",
        default=[],
        action="extend",
        metavar="SECTION",
        help="sections of params.yaml to inject",
    )
    top.add_argument(
        "--set", nargs="*", default=[], action="extend", metavar="KEY=VALUE", help="single parameters"
    )
    return top


def gather(sections: Iterable[str], words: Iterable[str]) -> tuple[params.Params, dict[str, Any]]:
    """All validated parameters, and those a notebook gets: the keys of `sections`, changed by `words`.

    A word ``key=value`` (the value is YAML) that names a key of a section is validated with it; any other
    becomes a parameter of its own.
    """
    document = params.read(ROOT / "params.yaml").model_dump()
    owner: dict[str, str] = {}
    for section in sections:
        if section not in document:
            raise StudyError(f"--params {section}: no such section; params.yaml has {', '.join(document)}")
        for key in document[section]:
            if key in owner:
                raise StudyError(f"params.yaml: {key} stands in {owner[key]} and in {section}; rename one")
            owner[key] = section
    extra = {}
    for word in words:
        key, equals, text = word.partition("=")
        if not (equals and key.isidentifier()):
            raise StudyError(f"--set {word}: expected KEY=VALUE")
        try:
            value = YAML(typ="safe").load(text)
        except YAMLError:
            raise StudyError(f"--set {word}: the value is not YAML") from None
        if key in owner:
            document[owner[key]][key] = value
        else:
            extra[key] = value
    valid = params.validate(document, "--set")
    chosen = valid.model_dump()
    return valid, {key: chosen[section][key] for key, section in owner.items()} | extra


def read(path: Path) -> Any:  # noqa: ANN401 (a NotebookNode; nbformat is imported late)
    """The notebook at `path`; it has to be one with cell ids (nbformat 4.5)."""
    import nbformat

    try:
        notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    except FileNotFoundError:
        raise StudyError(f"{path}: no such notebook") from None
    except (nbformat.reader.NotJSONError, nbformat.ValidationError, UnicodeDecodeError):
        raise StudyError(f"{path}: not a notebook") from None
    if (notebook.nbformat, notebook.get("nbformat_minor", 0)) < (4, 5):
        raise StudyError(f"{path}: written without cell ids; save it once with JupyterLab 4")
    return notebook


def declared(notebook: Any) -> set[str]:  # noqa: ANN401
    """Names assigned in the cells tagged ``parameters``."""
    names: set[str] = set()
    for cell in notebook.cells:
        if "parameters" in cell.metadata.get("tags", []):
            for node in ast.walk(ast.parse(cell.source)):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                    names.add(node.id)
    return names


def environment(stage: str, threads: int, scratch: Path, pipe: Path) -> dict[str, str]:
    """What the kernel inherits: everything that could make two runs differ is fixed here."""
    return {
        "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
        "IPYTHONDIR": str(scratch / "ipython"),  # nobody's own profile
        "JUPYTER_PREFER_ENV_PATH": "1",  # this environment's kernel, not one of the same name at home
        "LC_ALL": "C.UTF-8",
        "MATPLOTLIBRC": str(Path(__file__).with_name("matplotlibrc")),
        "PYTHONHASHSEED": "0",
        "SOURCE_DATE_EPOCH": "0",
        "STUDY_STAGE": stage,
        "TZ": "UTC",
        progress.VARIABLE: str(pipe),
        **KERNEL,
        **dict.fromkeys(THREADS, str(threads)),
    }


def inputs(notebook: Path) -> dict[str, str]:
    """The data a notebook reads: the ``deps`` of its stage in dvc.yaml, each with 12 digits of its SHA-256.

    Sources are left out; of a collection the card is hashed, which holds the hashes of its arrays.
    """
    file = ROOT / "dvc.yaml"
    stages = (YAML(typ="safe").load(file) or {}).get("stages", {}) if file.exists() else {}
    own = (stage.get("deps", []) for stage in stages.values() if str(notebook) in stage.get("deps", []))
    document, found = params.read(ROOT / "params.yaml").model_dump(), {}
    for words in next(own, []):
        dependency = filled(words, document)
        if dependency.startswith(("src/", "notebooks/")):
            continue
        card = ROOT / dependency / "card.json"
        path = card if card.is_file() else ROOT / dependency
        if path.is_file():
            found[dependency] = checksum(path)[:12]
    return found


def filled(words: str, document: dict[str, Any]) -> str:
    """`words` of dvc.yaml with each ``${section.key}`` replaced by that parameter of `document`."""
    return re.sub(r"\$\{(\w+)\.(\w+)\}", lambda place: str(document[place[1]][place[2]]), words)


@contextmanager
def interruptible() -> Iterator[None]:
    """Let Ctrl-C (or the end of the session) end the kernel and all its processes."""
    from animestudy.report import processes

    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def end(*_: object) -> None:
        for sign in signals:
            signal.signal(sign, signal.SIG_IGN)  # impatience must not leave anything behind
        processes.end(processes.children())
        raise KeyboardInterrupt

    former = {sign: signal.signal(sign, end) for sign in signals}
    try:
        yield
    finally:
        for sign, handler in former.items():
            signal.signal(sign, handler)


def execute(source: Path, draft: Path, stage: str, injected: dict[str, Any], threads: int) -> float:
    """Run the notebook into `draft`, which holds every finished cell at any time; returns the seconds."""
    with tempfile.TemporaryDirectory(prefix="stage-") as scratch:
        folder = Path(scratch)
        os.environ |= environment(stage, threads, folder, folder / "progress")
        os.environ.pop("PYTHONWARNINGS", None)
        import papermill
        from traitlets.config import Config

        from animestudy.report import processes
        from animestudy.report.closure import closure
        from animestudy.report.terminal import Terminal

        # `declared` has judged the names; papermill's own reader stumbles over an = in a comment
        logging.getLogger("papermill").setLevel(logging.ERROR)
        cells = len(read(source).cells) + bool(injected)
        # workers load the libraries while the kernel does
        early = [f"--IPKernelApp.extra_extensions={SWEEP}"] if SWEEP_FILE in closure(source, ROOT) else []
        with Terminal(stage, cells, folder) as terminal, interruptible():
            papermill.execute_notebook(
                source,
                draft,
                parameters=injected,
                cwd=ROOT,
                kernel_name="python3",
                kernel_manager_class=processes.StageKernelManager,
                extra_arguments=early,
                progress_bar=False,
                coalesce_streams=True,
                record_timing=False,
                on_cell_start=lambda cell, cell_index: terminal.cell(cell_index + 1),
                config=Config({"KernelManager": {"transport_encryption": "auto"}}),
            )
        return terminal.seconds


def publish(draft: Path, target: Path, provenance: dict[str, Any]) -> None:
    """The canonical form of an executed notebook, written beside its place and renamed."""
    import nbformat

    from animestudy.report.canonical import canonical
    from animestudy.report.files import write_text

    notebook = nbformat.read(draft, as_version=4)
    notebook.metadata["study"] = provenance
    write_text(target, nbformat.writes(canonical(notebook)) + "\n")


def run(notebook: Path, name: str, sections: list[str], words: list[str]) -> int:
    """Run `notebook` as stage `name`; returns the exit status."""
    source = ROOT / notebook
    if not re.fullmatch(rf"{re.escape(source.stem)}(-[\w.-]+)?", name):
        raise StudyError(f"--as {name}: expected {source.stem} or {source.stem}-VARIANT")
    valid, injected = gather(sections, words)
    unknown = sorted(set(injected) - declared(read(source)))
    if unknown:
        raise StudyError(f"{notebook}: its parameters cell does not declare {', '.join(unknown)}")
    draft, target = ROOT / "logs" / f"{name}.ipynb", ROOT / "reports" / f"{name}.ipynb"
    draft.parent.mkdir(parents=True, exist_ok=True)
    shown = draft.relative_to(ROOT)

    def say(text: str) -> None:
        print(f"[{name}] {text}", file=sys.stderr, flush=True)

    say(str(notebook))
    try:
        seconds = execute(source, draft, name, injected, valid.compute.threads)
    except KeyboardInterrupt:
        draft.unlink(missing_ok=True)
        say("interrupted; nothing was written")
        return 130
    except Exception as error:
        if type(error).__name__ not in ("PapermillExecutionError", "DeadKernelError"):
            raise
        say(explain(error))
        say(f"failed; the notebook as far as it ran: {shown}")
        return 1
    command = ["python", "-m", "animestudy.report.runner", str(notebook), "--as", name]
    command += ["--params", *sections] if sections else []
    command += ["--set", *words] if words else []
    provenance = {
        "stage": name,
        "notebook": str(notebook),
        "command": shlex.join(command),
        "sections": sections,
        "parameters": injected,
        "inputs": inputs(notebook),
    }
    publish(draft, target, provenance)
    draft.unlink()
    say(f"done in {int(seconds // 60):02}:{int(seconds % 60):02} → {target.relative_to(ROOT)}")
    return 0


def explain(error: Exception) -> str:
    """What the terminal shows of a notebook's end."""
    if not hasattr(error, "traceback"):
        return f"the kernel died ({error}); the machine may be out of memory"
    text = f"cell {error.cell_index + 1} raised\n" + "\n".join(error.traceback)
    return text if sys.stderr.isatty() else ANSI.sub("", text)


def main(words: list[str] | None = None) -> int:
    """Entry point."""
    args = parser().parse_args(words)
    try:
        return run(args.notebook, args.name or args.notebook.stem, args.params, args.set)
    except StudyError as error:
        print(f"runner: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("runner: interrupted", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
