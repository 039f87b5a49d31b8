"""`animestudy serve` as a person starts, stops and kills it."""

import io
import os
import re
import signal
import socket
import subprocess
import sys

import numpy as np
import psutil
import pytest
from PIL import Image
from served import User, encoded, pixels, until

from animestudy import cli
from animestudy.errors import StudyError
from animestudy.paths import ROOT
from animestudy.platform import serve

STARTED = """
import sys
from animestudy import cli
from animestudy.platform import generators
generators.available = lambda: {"scene": sys.argv[1]}
if __name__ == "__main__":
    sys.exit(cli.main(["serve", "--port", "0", "--workers", "1", *sys.argv[2:]]))
"""


@pytest.fixture
def start(tmp_path, weights):
    """Start servers on one folder of data, with a small network."""
    script = tmp_path / "started.py"
    script.write_text(STARTED)
    processes = []

    def started(*words):
        process = subprocess.Popen(
            [sys.executable, script, weights, "--data", tmp_path / "data", *words],
            stdout=subprocess.PIPE, stderr=(tmp_path / "log").open("a"), text=True,
            env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        )  # fmt: skip
        processes.append(process)
        line = process.stdout.readline()
        return process, re.match(r"(http://127\.0\.0\.1:\d+)/", line)[1]

    yield started
    for process in processes:
        process.kill()
        process.wait()


def test_a_kill_in_the_middle_of_ten_jobs_loses_none(start, tmp_path, drawn):
    limit = ["--limit", "open_jobs=20", "--limit", "per_minute=100"]
    process, address = start(*limit)
    images = [pixels(180, 200, seed=k) for k in range(10)]
    with User(address) as user:
        token = user.cookies["animestudy"]
        ids = [user.submit(encoded(image), f"{k}.png") for k, image in enumerate(images)]
        until(lambda: sum(user.job(id)["state"] == "done" for id in ids) >= 2, 60)
        before = {id: user.job(id)["state"] for id in ids}
    process.kill()
    process.wait()
    assert "done" in before.values() and "queued" in before.values()

    process, address = start(*limit)
    with User(address) as user:
        user.cookies.clear()
        user.cookies.set("animestudy", token)
        assert {job["id"] for job in user.get("/api/jobs").json()["jobs"]} == set(ids)
        for id, image in zip(ids, images, strict=True):
            job = user.ended(id, 60)
            assert job["state"] == "done", job
            got = user.get(job["result"]["url"]).content
            picture = np.asarray(Image.open(io.BytesIO(got)))
            np.testing.assert_array_equal(picture, drawn(image[None])[0])
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    log = (tmp_path / "log").read_text()
    assert "Traceback" not in log and token.split(".")[0] not in log and ".png" not in log


def test_ctrl_c_stops_it_with_all_its_processes(start):
    process, _ = start()
    server = psutil.Process(process.pid)
    children = until(lambda: len(found := server.children(recursive=True)) >= 4 and found)
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 0
    _, left = psutil.wait_procs(children, 20)
    assert not left


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--port", "99999"], "--port 99999"),
        (["--host", "no.such.host.invalid"], "--host no.such.host.invalid"),
        (["--workers", "-1"], "--workers -1"),
        (["--limit", "nonsense=1"], "--limit nonsense=1"),
    ],
)
def test_mistakes_are_one_line(words, said, tmp_path, capsys):
    assert cli.main(["serve", "--port", "0", "--data", str(tmp_path), *words]) == 2
    err = capsys.readouterr().err
    assert said in err and err.count("\n") == 1


def test_a_port_that_is_taken_is_one_line(capsys, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert cli.main(["serve", "--port", port, "--data", str(tmp_path)]) == 2
    assert "already in use" in capsys.readouterr().err


def test_without_its_packages_it_says_how_to_install_them(monkeypatch, capsys):
    monkeypatch.delitem(sys.modules, "animestudy.platform.serve")
    monkeypatch.delattr("animestudy.platform.serve", raising=False)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    assert cli.main(["serve"]) == 2
    assert "pip install 'animestudy[platform]'" in capsys.readouterr().err


def test_an_engine_that_is_not_known_is_refused(tmp_path):
    with pytest.raises(StudyError, match="--engine cloud"):
        serve.build(serve.Request(engine="cloud", data=tmp_path))


def test_the_command_line_stays_light():
    code = (
        "import sys; from animestudy import cli; cli.parser();"
        "print([name for name in ('fastapi', 'numpy', 'torch') if name in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                         env=os.environ | {"PYTHONPATH": str(ROOT / "src")})  # fmt: skip
    assert out.stdout.strip() == "[]"
