"""Who sits for a portrait: traits that the photograph and the drawing share, and the expression.

Everything here is drawn from the subject's own streams and never depends on the domain; `face`, `hair` and
`dress` then draw the same sitter with real or with drawn proportions.
"""

from bisect import bisect
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from animestudy.data.atelier.spec import Subject

Colour = tuple[float, float, float]

SKIN: tuple[Colour, ...] = (
    (0.96, 0.83, 0.75),
    (0.94, 0.78, 0.68),
    (0.90, 0.72, 0.59),
    (0.83, 0.64, 0.49),
    (0.73, 0.53, 0.39),
    (0.62, 0.43, 0.31),
    (0.52, 0.36, 0.27),
)
NATURAL: tuple[Colour, ...] = (
    (0.11, 0.09, 0.09),
    (0.18, 0.12, 0.09),
    (0.29, 0.18, 0.11),
    (0.42, 0.26, 0.14),
    (0.53, 0.24, 0.12),
    (0.80, 0.63, 0.36),
    (0.66, 0.48, 0.27),
)
DYED: tuple[Colour, ...] = (
    (0.78, 0.33, 0.44),
    (0.24, 0.39, 0.62),
    (0.20, 0.50, 0.46),
    (0.48, 0.32, 0.60),
    (0.72, 0.22, 0.18),
)
GREY: Colour = (0.70, 0.69, 0.68)
IRIS: tuple[Colour, ...] = (
    (0.30, 0.18, 0.10),
    (0.42, 0.26, 0.12),
    (0.25, 0.45, 0.66),
    (0.28, 0.50, 0.34),
    (0.44, 0.48, 0.52),
    (0.52, 0.36, 0.12),
)
CLOTH: tuple[Colour, ...] = (
    (0.20, 0.28, 0.45),
    (0.66, 0.21, 0.22),
    (0.86, 0.84, 0.79),
    (0.22, 0.42, 0.36),
    (0.88, 0.68, 0.26),
    (0.32, 0.32, 0.36),
    (0.55, 0.36, 0.52),
    (0.45, 0.62, 0.74),
    (0.76, 0.48, 0.34),
    (0.16, 0.17, 0.21),
)


@dataclass(frozen=True)
class Expression:
    """What a face does; zero (and one, for `lids`) is at rest."""

    frown: float = 0.0  # −1 inner ends of the brows up … 1 down
    brow: float = 0.0  # both brows, −1 low … 1 high
    lids: float = 1.0  # opening of the eyes, factor
    cheek: float = 0.0  # lower lids pushed up, 0 … 1
    smile: float = 0.0  # corners of the mouth, −1 down … 1 up
    part: float = 0.0  # opening of the mouth, 0 … 1
    waver: float = 0.0  # unsteadiness of the mouth, 0 … 1
    look: float = 0.0  # gaze, −1 left … 1 right
    down: float = 0.0  # gaze, −1 up … 1 down
    tilt: float = 0.0  # of the head, degrees


# The mean of each state of mind as a difference from a face at rest; single faces scatter around it.
STATES: dict[str, dict[str, float]] = {
    "": {},
    "resolute": {"frown": 0.55, "brow": -0.25, "lids": -0.04, "smile": 0.08},
    "tranquil": {"lids": -0.30, "smile": 0.30, "down": 0.35, "frown": -0.15, "tilt": 2.0},
    "anxious": {
        "frown": -0.60,
        "brow": 0.30,
        "lids": 0.18,
        "smile": -0.30,
        "waver": 0.7,
        "look": 0.6,
        "part": 0.1,
    },
    "melancholic": {"frown": -0.45, "lids": -0.22, "smile": -0.50, "down": 0.55, "tilt": 6.0},
    "joyful": {"brow": 0.35, "smile": 0.85, "part": 0.45, "cheek": 0.55, "tilt": 3.0},
}
SPREAD: dict[str, tuple[float, float, float]] = {
    "frown": (0.22, -1.0, 1.0),
    "brow": (0.22, -1.0, 1.0),
    "lids": (0.10, 0.45, 1.3),
    "cheek": (0.12, 0.0, 1.0),
    "smile": (0.24, -1.0, 1.0),
    "part": (0.14, 0.0, 1.0),
    "waver": (0.10, 0.0, 1.0),
    "look": (0.22, -1.0, 1.0),
    "down": (0.16, -0.6, 1.0),
    "tilt": (3.0, -12.0, 12.0),
}


@dataclass(frozen=True)
class Sitter:
    """One person, before any proportions: numbers run from 0 to 1 unless they say otherwise."""

    soft: float  # 0 angular, heavy brows … 1 rounded, fuller lips
    age: float  # 0 about fifteen … 1 about seventy
    width: float  # of the face
    jaw: float  # how square
    nose: float  # how broad
    lips: float
    brows: float  # how heavy
    slant: float  # −1 outer corners of the eyes low … 1 high
    yaw: float  # turn of the head, radians, positive to the right
    skin: Colour
    hair: Colour
    iris: Colour
    cloth: Colour
    trim: Colour
    cut: str
    fringe: str
    side: int  # −1 or 1: side of the parting
    length: float  # of loose hair, 0 chin … 1 chest
    garment: str
    glasses: bool
    hat: str  # "" for none
    ribbon: bool
    earring: bool
    beard: str  # "", "stubble", "moustache", "full"
    expression: Expression


def express(psychology: str, strength: float, rng: np.random.Generator) -> Expression:
    """The expression that a state of mind gives a face, scattered so that states overlap.

    The stream is used alike for every state and strength.
    """
    rest, mean = Expression(), STATES[psychology]
    turn = 1.0 if rng.random() < 0.5 else -1.0
    noise = dict(zip(SPREAD, rng.standard_normal(len(SPREAD)).tolist(), strict=True))
    values = {
        name: min(high, max(low, getattr(rest, name) + strength * mean.get(name, 0.0) + spread * noise[name]))
        for name, (spread, low, high) in SPREAD.items()
    }
    values["look"] *= turn
    values["tilt"] *= turn
    if values["part"] < 0.12:  # lips that hardly part are closed
        values["part"] = 0.0
    return Expression(**values)


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """`first` with a share of `second`."""
    rest = 1 - share
    return (
        rest * first[0] + share * second[0],
        rest * first[1] + share * second[1],
        rest * first[2] + share * second[2],
    )


def pick(rng: np.random.Generator, options: dict[str, float]) -> str:
    """One of the names, with probabilities in proportion to their weights."""
    bounds = list(accumulate(options.values()))
    return list(options)[bisect(bounds, rng.random() * bounds[-1])]


def sit(subject: Subject) -> Sitter:
    """Who sits for `subject`; the same for both domains, all styles and all sizes."""
    rng = subject.rng("sitter")
    soft = float(np.clip(rng.normal(0.25 if rng.random() < 0.45 else 0.8, 0.13), 0, 1))
    age = float(rng.beta(1.5, 2.6))
    woman = soft > 0.5
    hair = NATURAL[rng.integers(len(NATURAL))]
    dyed = DYED[rng.integers(len(DYED))]
    if rng.random() < 0.16 and age < 0.6:
        hair = dyed
    skin = SKIN[int(np.clip(rng.normal(2.2, 1.7), 0, len(SKIN) - 1))]
    if skin in SKIN[4:] and hair in NATURAL[3:]:
        hair = NATURAL[rng.integers(3)]
    hair = mix(hair, GREY, float(np.clip((age - 0.55) * 2.6, 0, 0.9)))
    hair = tuple(np.clip(np.array(hair) * rng.uniform(0.88, 1.15), 0, 1).tolist())
    cuts = (
        {"long": 3.0, "bob": 2.2, "wavy": 1.8, "ponytail": 1.4, "bun": 1.0, "curly": 0.8, "swept": 0.5}
        if woman
        else {
            "swept": 3.0,
            "crop": 2.6,
            "tousled": 2.2,
            "curly": 0.7,
            "long": 0.5,
            "receding": 4 * max(age - 0.5, 0),
        }
    )
    cut = pick(rng, cuts)
    fringes = {
        "long": {"full": 2, "middle": 2, "side": 2},
        "bob": {"full": 3, "middle": 1, "side": 2},
        "wavy": {"middle": 2, "side": 2},
        "ponytail": {"full": 1, "none": 1, "side": 1.5},
        "bun": {"none": 2, "side": 1, "full": 0.7},
    }
    fringe = pick(rng, fringes.get(cut, {"none": 1}))
    garment = pick(
        rng,
        {"tee": 2, "vee": 1.2, "shirt": 2, "hoodie": 1.5, "blazer": 1.5, "turtleneck": 1.2, "scarf": 0.8},
    )
    cloth, trim = (CLOTH[k] for k in rng.permutation(len(CLOTH))[:2])
    hat = (
        pick(rng, {"": 9.0, "beanie": 0.6, "straw": 0.5, "beret": 0.4}) if cut not in ("bun", "curly") else ""
    )
    return Sitter(
        soft=soft,
        age=age,
        width=float(rng.random()),
        jaw=float(np.clip(0.75 - 0.6 * soft + rng.normal(0, 0.15), 0, 1)),
        nose=float(rng.random()),
        lips=float(np.clip(0.25 + 0.5 * soft + rng.normal(0, 0.15), 0, 1)),
        brows=float(np.clip(0.85 - 0.6 * soft + rng.normal(0, 0.15), 0, 1)),
        slant=float(np.clip(rng.normal(0.15, 0.4), -1, 1)),
        yaw=float(np.clip(rng.normal(0, 0.17), -0.36, 0.36)),
        skin=skin,
        hair=hair,
        iris=IRIS[rng.integers(len(IRIS))],
        cloth=cloth,
        trim=trim,
        cut=cut,
        fringe=fringe,
        side=1 if rng.random() < 0.5 else -1,
        length=float(rng.random()),
        garment=garment,
        glasses=bool(rng.random() < 0.16),
        hat=hat,
        ribbon=bool(woman and not hat and age < 0.5 and rng.random() < 0.22),
        earring=bool(woman and rng.random() < 0.3),
        beard="" if woman or age < 0.15 else pick(rng, {"": 6, "stubble": 2, "moustache": 0.5, "full": 1.3}),
        expression=express(subject.psychology, subject.overall, subject.rng("expression")),
    )
