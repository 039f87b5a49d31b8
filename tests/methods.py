"""A small method with every kind of term of a scene translator, for tests of building and training."""

import copy

METHOD = {
    "generator": {"network": "fsgan", "width": 4, "blocks": 1},
    "discriminators": {
        "spatial": {"network": "patch", "game": "lsgan", "negatives": ["boundary"], "width": 4},
        "frequency": {"network": "radial", "game": "hinge", "bins": 8, "width": 8},
    },
    "losses": {
        "spatial": 1.0,
        "boundary": 0.5,
        "frequency": 0.1,
        "colour_block": 1.0,
        "content": 0.5,
        "colour": 1.0,
        "tone": 1.0,
        "variation": 0.1,
    },
    "initial": {"content": 1.0, "colour": 1.0},
    "content": {"network": "random", "weights": "", "layers": []},
}


def changed(**parts):
    """`METHOD` with other values, e.g. ``losses__content=0.0``."""
    document = copy.deepcopy(METHOD)
    for path, value in parts.items():
        *inner, last = path.split("__")
        part = document
        for key in inner:
            part = part[key]
        part[last] = value
    return document
