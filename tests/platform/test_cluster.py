"""Ray: who may talk to the cluster of its own, and two nodes as if they were two machines."""

import json
import os
import socket
import subprocess
import sys

import numpy as np
import pytest
from served import pixels

from animestudy.errors import StudyError
from animestudy.paths import ROOT
from animestudy.platform import cluster

needs_ray = pytest.mark.skipif(
    not cluster.installed(), reason="Ray is not installed: pip install 'animestudy[cluster]'"
)

OWN = """
import ctypes, json, os, signal, subprocess, sys
import psutil
from animestudy.platform import cluster
def handler():
    found = ctypes.create_string_buffer(512)
    ctypes.CDLL(None).sigaction(signal.SIGTERM, None, found)
    return found.raw[:8]  # the address of the function
if __name__ == "__main__":
    signal.signal(signal.SIGTERM, print)
    before = handler()
    cluster.prepare("")
    import ray
    cluster.connect(1, "")
    ray.get(ray.remote(lambda: 0).remote())
    heard = [line.laddr.ip for one in psutil.Process().children(recursive=True)
             for line in one.net_connections() if line.status == "LISTEN"]
    code = f"import ray; ray.init({ray.get_runtime_context().gcs_address!r}); print(1)"
    clean = {name: value for name, value in os.environ.items() if name != "RAY_AUTH_TOKEN"}
    stranger = subprocess.Popen([sys.executable, "-c", code], env=clean | {"RAY_AUTH_TOKEN": "0" * 64},
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        stranger.wait(15)
    except subprocess.TimeoutExpired:
        stranger.kill()  # it tries for half a minute
    print(json.dumps([heard, stranger.stdout.read().decode(), handler() == before]))
    cluster.leave()
"""

TWO = """
import json, sys
import numpy as np, ray
from animestudy.platform import cluster, generators
from animestudy.platform.engines import Crew
from served import until
def say(*facts): print(json.dumps(facts), flush=True)
if __name__ == "__main__":
    weights, address, file = sys.argv[1:]
    frames = np.load(file)
    crew = Crew(cluster.members(lambda: generators.weights({"scene": weights}), 2, address))
    crew.start()
    until(lambda: crew.ready == 1, 240)
    say(crew.ready)
    until(lambda: crew.ready == 2, 240)
    where = lambda self: ray.get_runtime_context().get_node_id()
    nodes = {ray.get(one.actor.__ray_call__.remote(where)) for one in crew.members}
    np.save(file, crew.convert("a", "scene", frames))
    say(len(nodes), crew.chunks)
    crew.stop()
"""


@pytest.fixture
def nodes(tmp_path):
    """Starts nodes of one cluster, its head first; its address is the machine's, not of the loopback."""
    import ray

    with socket.socket() as free:
        free.bind(("", 0))
        address = f"{ray.util.get_node_ip_address()}:{free.getsockname()[1]}"
    (tmp_path / "token").write_text("0123456789abcdef" * 4)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")} | {
        "RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN_PATH": str(tmp_path / "token"),
        "RAY_USAGE_STATS_ENABLED": "0", "PYTHONPATH": f"{ROOT}/src:{ROOT}/tests/platform",
    }  # fmt: skip
    running = []

    def start():
        words = ["--address", address] if running else ["--head", "--port", address.split(":")[1]]
        command = [sys.executable, "-m", "ray.scripts.scripts", "start", *words, "--block", "--num-cpus", "1"]
        running.append(subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL))
        return running[-1]

    start.address, start.environment = address, environment
    yield start
    for process in running[::-1]:
        process.terminate()
        process.wait(30)


def test_a_cluster_is_joined_with_its_token_alone(monkeypatch, tmp_path):
    for name in [name for name in os.environ if name.startswith("RAY_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(cluster, "TOKEN", tmp_path / "none")
    with pytest.raises(StudyError, match="no token"):
        cluster.prepare("10.0.0.1:6379")
    monkeypatch.setenv("RAY_AUTH_TOKEN", "x")
    cluster.prepare("10.0.0.1:6379")
    assert os.environ["RAY_AUTH_MODE"] == "token" and os.environ["RAY_USAGE_STATS_ENABLED"] == "0"


@needs_ray
def test_its_own_cluster_keeps_to_this_machine_and_to_itself():
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")}
    done = subprocess.run(
        [sys.executable, "-c", OWN], capture_output=True, text=True, check=True,
        env=environment | {"PYTHONPATH": f"{ROOT}/src"},
    )  # fmt: skip
    heard, stranger, stops_in_peace = json.loads(done.stdout)
    assert len(heard) > 3 and {address.removeprefix("::ffff:") for address in heard} <= {"127.0.0.1", "::1"}
    assert stranger == ""
    assert stops_in_peace  # the server's own handler, not Ray's


@needs_ray
def test_a_second_machine_joins_and_takes_its_part(nodes, weights, drawn, tmp_path):
    frames, file = np.stack([pixels(seed=k) for k in range(6)]), tmp_path / "frames.npy"
    np.save(file, frames)
    nodes()
    driver = subprocess.Popen(
        [sys.executable, "-c", TWO, weights, nodes.address, file],
        env=nodes.environment, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert json.loads(driver.stdout.readline()) == [1]
        nodes()
        assert json.loads(driver.stdout.readline()) == [2, 2]
        np.testing.assert_array_equal(np.load(file), drawn(frames))
        assert driver.wait(60) == 0
    finally:
        driver.kill()
