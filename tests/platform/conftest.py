"""A small network for the tests of the platform, and both engines."""

import networks
import numpy as np
import pytest


@pytest.fixture(scope="session")
def weights(tmp_path_factory):
    """The file of a small untrained generator that changes something."""
    return networks.fsgan(tmp_path_factory.mktemp("weights") / "small.pt")


@pytest.fixture(scope="session")
def drawn(weights):
    """What the small network makes of pictures, n×H×W×3."""
    import torch

    from animestudy.models import generators

    torch.set_num_threads(1)
    generator = generators.load(weights)[0]
    return lambda frames: np.stack([generators.convert(generator, frame) for frame in frames])


@pytest.fixture(params=["local", "ray"])
def engine(request, weights):
    """Makes workers of one engine; the cluster of `ray` is this machine's own and ends with the test."""
    from animestudy.platform import cluster, generators
    from animestudy.platform.engines import Process

    if request.param == "ray" and not cluster.installed():
        pytest.skip("Ray is not installed: pip install 'animestudy[cluster]'")

    def files():
        return generators.weights({"scene": str(weights)})

    def members(number):
        if request.param == "local":
            return [Process(files) for _ in range(number)]
        return cluster.members(files, number)

    members.engine = request.param
    yield members
    if request.param == "ray":
        cluster.leave()
