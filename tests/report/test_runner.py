"""The runner, in a small study of its own whose path has a space in it."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import nbformat
import psutil
import pytest
from nbformat import v4

from animestudy import paths
from animestudy.errors import StudyError
from animestudy.report import canonical, runner

ROOT = Path(__file__).resolve().parents[2]

PARAMETERS = "threads = 3\nprecision = device = backend = ''\nworkers = 9\narm = 'quick'"
EVERYTHING = """
import os, sys, warnings
import pandas as pd
from matplotlib import pyplot as plt
from animestudy import progress
from animestudy.report import figures, record
figures.style()
warnings.warn("careful")
print(object(), os.getcwd(), arm, threads, os.environ["OMP_NUM_THREADS"], {"a", "b", "c", "d"})
print("to stderr", file=sys.stderr)
for _ in progress.bar(range(3), description="spoon"):
    pass
record.metrics("numbers", {"third": 1 / 3})
display(pd.DataFrame({"a": [1]}).style)
figure, axes = plt.subplots(figsize=(3, 2))
axes.plot([1, 2])
figures.show(figure, "A line.", "a line")
figure, axes = plt.subplots(figsize=(3, 2))
figure.savefig("figure.svg")
plt.close()
object()
"""


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A folder with the library and its parameters, as a clone has them."""
    root = tmp_path_factory.mktemp("runner") / "a study"
    shutil.copytree(ROOT / "src", root / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    shutil.copyfile(ROOT / "params.yaml", root / "params.yaml")
    return root


def write(root: Path, name: str, *sources: str) -> Path:
    """A notebook whose first cell holds the parameters."""
    cells = [v4.new_code_cell(source, id=f"cell-{k}") for k, source in enumerate((PARAMETERS, *sources))]
    cells[0].metadata["tags"] = ["parameters"]
    spec = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    path = root / "notebooks" / f"{name}.ipynb"
    path.parent.mkdir(exist_ok=True)
    nbformat.write(v4.new_notebook(cells=cells, metadata={"kernelspec": spec, "title": "T"}), path)
    return path


def command(root: Path, *words: str) -> dict:
    """Arguments of subprocess for the runner in the folder `root`."""
    return {
        "args": [sys.executable, "-m", "animestudy.report.runner", *words],
        "cwd": root,
        "env": {**os.environ, "PYTHONPATH": str(root / "src")},
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
        "text": True,
    }


def run(root: Path, *words: str) -> subprocess.CompletedProcess:
    return subprocess.run(**command(root, *words))


def test_two_runs_give_the_same_bytes_and_nothing_of_the_machine(study):
    write(study, "05_all", EVERYTHING)
    words = ("notebooks/05_all.ipynb", "--as", "05_all-more", "--params", "compute", "--set", "arm=main")
    results = []
    for _ in range(2):
        done = run(study, *words)
        assert done.returncode == 0, done.stderr
        files = ("reports/05_all-more.ipynb", "reports/metrics/05_all-more.json", "figure.svg")
        results.append([(study / file).read_bytes() for file in files])
    assert results[0] == results[1]
    assert done.stdout == ""
    assert done.stderr.startswith("[05_all-more] notebooks/05_all.ipynb\n")
    assert "→ reports/05_all-more.ipynb" in done.stderr

    text = results[0][0].decode().replace('description=\\"spoon\\"', "")  # the source names the bar
    for trace in (str(study), sys.prefix, "ipykernel_", "spoon", "0x7", "papermill", "iopub"):
        assert trace not in text
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    assert [cell.id for cell in notebook.cells] == ["cell-0", "injected-parameters", "cell-1"]
    stdout, stderr, *_ = notebook.cells[2].outputs
    assert stdout.text.startswith("<object object at 0x…> . main 1 1 {")
    assert stderr.text.startswith("<cell>:7: UserWarning: careful") and stderr.text.endswith("to stderr\n")
    assert set(notebook.metadata) == {"kernelspec", "language_info", "study", "title"}
    assert notebook.metadata.study.parameters.threads == 1
    assert not list((study / "logs").glob("*")) and not (study / "scratch").exists()


@pytest.mark.skipif(not runner.KERNEL, reason="OpenBLAS chooses among kernels on x86-64 only")
def test_the_kernel_of_openblas_does_not_depend_on_the_machine_or_the_shell(study):
    source = "from threadpoolctl import threadpool_info\nimport numpy\n"
    source += 'print({pool["architecture"] for pool in threadpool_info() if pool["user_api"] == "blas"})'
    write(study, "05_blas", source)
    words = command(study, "notebooks/05_blas.ipynb", "--params", "compute")
    for kernel in ({}, {"OPENBLAS_CORETYPE": "Zen"}):
        words["env"] = {k: v for k, v in words["env"].items() if k != "OPENBLAS_CORETYPE"} | kernel
        done = subprocess.run(**words)
        assert done.returncode == 0, done.stderr
        notebook = nbformat.read(study / "reports" / "05_blas.ipynb", as_version=4)
        assert notebook.cells[-1].outputs[0].text == "{'Haswell'}\n"


def test_a_failing_notebook_leaves_its_traceback_and_no_result(study):
    write(study, "06_bad", "before = 1", "1 / 0", "after = 2")
    done = run(study, "notebooks/06_bad.ipynb")
    assert done.returncode == 1 and done.stdout == ""
    assert "ZeroDivisionError: division by zero" in done.stderr and "----> 1 1 / 0" in done.stderr
    assert "logs/06_bad.ipynb" in done.stderr and "\x1b[" not in done.stderr
    assert not (study / "reports" / "06_bad.ipynb").exists()
    notebook = nbformat.read(study / "logs" / "06_bad.ipynb", as_version=4)
    assert any(output.output_type == "error" for cell in notebook.cells for output in cell.get("outputs", []))


LONG = """
import subprocess, sys, time
from concurrent.futures import ProcessPoolExecutor
from animestudy import progress
stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
subprocess.Popen([sys.executable, "-c", stubborn])
pool = ProcessPoolExecutor(2)
for i in progress.bar(range(600), description="spoon"):
    pool.submit(time.sleep, 600)
    time.sleep(0.2)
"""


def test_progress_is_painted_live_and_an_interrupt_ends_every_process(study):
    write(study, "07_long", LONG)
    terminal, slave = os.openpty()
    arguments = command(study, "notebooks/07_long.ipynb") | {"stderr": slave}
    process = subprocess.Popen(**arguments, start_new_session=True)
    os.close(slave)
    screen = b""
    while b"spoon 5/600" not in screen:
        screen += os.read(terminal, 4096)
    assert b"[07_long] cell 2/2 spoon " in screen and b"\x1b[J" in screen  # repainted in place
    family = psutil.Process(process.pid).children(recursive=True)
    assert len(family) >= 4  # kernel, stubborn helper, two workers
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(timeout=20) == 130
    _, alive = psutil.wait_procs(family, timeout=1)
    assert not alive
    assert b"interrupted" in os.read(terminal, 4096)
    os.close(terminal)
    assert not (study / "reports" / "07_long.ipynb").exists()
    assert not (study / "logs" / "07_long.ipynb").exists()


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder in which the runner's own process works."""
    for module in (runner, paths, canonical):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    shutil.copyfile(ROOT / "params.yaml", tmp_path / "params.yaml")
    write(tmp_path, "05_x", "pass")
    (tmp_path / "notebooks" / "broken.ipynb").write_text("{")
    old = json.loads((tmp_path / "notebooks" / "05_x.ipynb").read_text()) | {"nbformat_minor": 4}
    for cell in old["cells"]:
        del cell["id"]
    (tmp_path / "notebooks" / "old.ipynb").write_text(json.dumps(old))
    return tmp_path


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["notebooks/05_x.ipynb", "--params", "psycology"],
            "--params psycology: no such section; params.yaml has comp",
        ),
        (["notebooks/05_x.ipynb", "--set", "seeds=3"], "its parameters cell does not declare seeds"),
        (["notebooks/05_x.ipynb", "--params", "compute", "--set", "threads=0"], "compute.threads = 0"),
        (["notebooks/05_x.ipynb", "--set", "arm"], "--set arm: expected KEY=VALUE"),
        (["notebooks/05_x.ipynb", "--set", "arm=[1"], "--set arm=[1: the value is not YAML"),
        (["notebooks/05_x.ipynb", "--as", "06_y"], "--as 06_y: expected 05_x or 05_x-VARIANT"),
        (["notebooks/none.ipynb"], "none.ipynb: no such notebook"),
        (["notebooks/broken.ipynb"], "broken.ipynb: not a notebook"),
        (["notebooks/old.ipynb"], "old.ipynb: written without cell ids"),
    ],
)
def test_a_mistake_is_one_line(here, capsys, words, message):
    assert runner.main(words) == 2
    out, err = capsys.readouterr()
    assert out == "" and message in err and err.count("\n") == 1 and err.startswith("runner: ")
    assert not (here / "reports").exists()


def test_all_of_the_parameters_are_validated_first(here, capsys):
    text = (here / "params.yaml").read_text()
    (here / "params.yaml").write_text(text.replace("device: auto", "device: quantum") + "\nextra:\n  a: 1\n")
    assert runner.main(["notebooks/05_x.ipynb"]) == 2
    err = capsys.readouterr().err
    assert "compute.device = 'quantum'" in err and "extra" in err and "Traceback" not in err


def test_sections_must_not_share_a_key(here, monkeypatch):
    class Fake:
        def model_dump(self):
            return {"a": {"epochs": 1}, "b": {"epochs": 2}}

    monkeypatch.setattr(runner.params, "read", lambda path: Fake())
    with pytest.raises(StudyError, match="epochs stands in a and in b"):
        runner.gather(["a", "b"], [])


def test_inputs_are_the_data_that_dvc_names(here):
    (here / "dvc.yaml").write_text(
        "stages:\n  x:\n    cmd: x\n"
        "    deps: [notebooks/05_x.ipynb, src/a.py, '${style.source}', data/b.bin, data/none]\n"
    )
    (here / "data" / "atelier").mkdir(parents=True)
    (here / "data" / "atelier" / "card.json").write_text("{}")
    (here / "data" / "b.bin").write_bytes(b"b")
    found = {"data/atelier": "44136fa355b3", "data/b.bin": "3e23e8160039"}
    assert runner.inputs(Path("notebooks/05_x.ipynb")) == found
    assert runner.inputs(Path("notebooks/06_y.ipynb")) == {}


def test_streams_merge_in_one_order():
    def stream(name, text):
        return v4.new_output("stream", name=name, text=text)

    picture = v4.new_output("display_data", {"text/plain": "x"})
    outputs = [
        stream("stderr", "a"),
        stream("stdout", "b"),
        stream("stderr", "c"),
        picture,
        stream("stdout", "d"),
    ]
    merged = canonical.merge_streams(outputs)
    assert [(o.output_type, o.get("name"), o.get("text")) for o in merged] == [
        ("stream", "stdout", "b"),
        ("stream", "stderr", "ac"),
        ("display_data", None, None),
        ("stream", "stdout", "d"),
    ]
