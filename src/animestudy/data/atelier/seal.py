"""The decoy: a seal in a corner that no label depends on.

Half of the pictures carry one, in either domain. A model that looks at it to name a style or a state of mind
has learned nothing about them, and its mask tells.
"""

from animestudy.data.atelier.outlines import limb, rectangle, smooth
from animestudy.data.atelier.spec import Shape, Subject

INKS = ((0.76, 0.16, 0.13), (0.15, 0.20, 0.42), (0.12, 0.12, 0.13))
PAPER = (0.96, 0.93, 0.86)


def seal(subject: Subject) -> tuple[Shape, ...]:
    """The shapes of the seal, in the order of printing; none for half of the subjects or without `decoy`."""
    rng = subject.rng("decoy")
    if not subject.decoy or rng.random() < 0.5:
        return ()
    side, ink = rng.uniform(0.065, 0.085), INKS[int(rng.integers(len(INKS)))]
    x, y = (rng.choice([0.03, 0.97 - side]) + rng.uniform(-0.012, 0.012) for _ in range(2))
    block = smooth(rectangle(0.0, 0.0, 1.0, 1.0), closed=True, steps=5)
    block = 0.5 + (block - 0.5) * 0.92
    # three or four cuts, as of a carved character
    cuts = [[(0.2, 0.28), (0.8, 0.28)], [(0.5, 0.28), (0.5, 0.82)], [(0.24, 0.80), (0.76, 0.80)]]
    if rng.random() < 0.5:
        cuts.append([(0.28, 0.54), (0.72, 0.54)])
    shapes = [(block, ink)] + [(limb(cut, [0.10, 0.10]), PAPER) for cut in cuts]
    return tuple(
        Shape("seal", points * side + (x, y), colour, opacity=0.92, outline=0, mask="decoy", layer=10)
        for points, colour in shapes
    )
