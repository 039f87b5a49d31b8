"""Small untrained networks that change something, for tests that only need one to run."""

from pathlib import Path

SMALL = {"width": 4, "blocks": 1, "smoothing": 2}


def fsgan(path: Path, spread: float = 0.2) -> Path:
    """Write the file of a small FSGAN whose weights are normal with standard deviation `spread`."""
    import torch

    from animestudy.models import generators

    torch.manual_seed(0)
    made = generators.GENERATORS["fsgan"](**SMALL)
    for weight in made.parameters():
        torch.nn.init.normal_(weight, 0, spread)
    generators.save(path, "fsgan", SMALL, made)
    return path
