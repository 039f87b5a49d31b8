"""Small untrained networks that change something, for tests that only need one to run."""

from pathlib import Path

SMALL = {"width": 4, "blocks": 1, "smoothing": 2}
ALL_FACE = SMALL | {"finder": 8, "offset": -1e4}  # the mask is everywhere


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


def afgan(**options):
    """A small AFGAN that displaces faces wherever it finds them, and finds a few in noise."""
    import torch

    from animestudy.models import generators

    torch.manual_seed(0)
    made = generators.GENERATORS["afgan"](**ALL_FACE | options).eval()
    with torch.no_grad():
        made.guide.head.weight.mul_(50)
        made.guide.head.bias.zero_()
        made.guide.head.bias[4:] = -3.8  # four of a part: few places are eyes or a mouth
    return made
