"""The global cue: how a state of mind shows in composition, palette and light.

The paper only says that a painter's psychology "shows in the picture as a whole"; the directions below
follow common findings on colour and emotion (Valdez & Mehrabian 1994: pleasure grows with brightness and
saturation, arousal with saturation and darkness) and on composition (Arnheim 1974: leaning axes read as
unrest, mirrored ones as rest and authority). They are planted, not discovered: the study only asks whether
a model finds what was planted.
"""

from collections.abc import Sequence

import numpy as np

from animestudy.data.atelier.spec import Mood
from animestudy.errors import StudyError

# The mean of each state as a difference from a neutral mood; what is not named stays neutral.
STATES: dict[str, dict[str, float]] = {
    "": {},
    "resolute": {"contrast": 0.20, "horizon": 0.09, "symmetry": 0.65, "saturation": 0.12, "warmth": 0.15},
    "tranquil": {"contrast": -0.20, "brightness": 0.08, "density": -0.35, "saturation": -0.10, "sun": 0.08},
    "anxious": {
        "tilt": 5.5,
        "contrast": 0.16,
        "horizon": -0.13,
        "density": 0.35,
        "brightness": -0.06,
        "warmth": -0.25,
    },
    "melancholic": {
        "brightness": -0.10,
        "saturation": -0.35,
        "warmth": -0.45,
        "sun": -0.28,
        "density": -0.35,
    },
    "joyful": {"brightness": 0.09, "saturation": 0.35, "warmth": 0.45, "sun": 0.28, "density": 0.20},
}
# Spread of single pictures around the mean of their state, about as wide as the states lie apart, and the
# range that a picture never leaves.
SPREAD: dict[str, tuple[float, float, float]] = {
    "warmth": (0.22, -1.0, 1.0),
    "saturation": (0.16, 0.3, 1.7),
    "brightness": (0.045, -0.3, 0.3),
    "contrast": (0.10, 0.6, 1.5),
    "horizon": (0.06, 0.34, 0.74),
    "tilt": (2.0, -14.0, 14.0),
    "density": (0.20, 0.35, 1.7),
    "symmetry": (0.22, 0.0, 1.0),
    "sun": (0.19, 0.05, 1.0),
    "side": (0.0, -1.0, 1.0),
}
MIXTURE = 0.45  # the largest share of a second state in a mood: nobody is of one mind
# How far full warmth moves red, green and blue.
WARM = np.array([0.11, 0.015, -0.13])
LUMA = np.array([0.299, 0.587, 0.114])


def mood(psychology: str, strength: float, rng: np.random.Generator) -> Mood:
    """The mood of one picture.

    `strength` scales the mean of the state (0: no trace of it, 1: as planted, more is allowed); the spread
    around it stays, so the states overlap. The stream `rng` is used alike for every state and strength: at
    strength 0 the same stream gives the same mood whatever the state. A leaning picture leans to either
    side. Raises `StudyError` for an unknown state.
    """
    if psychology not in STATES:
        raise StudyError(f"psychology {psychology!r} is unknown; one of {', '.join(s for s in STATES if s)}")
    neutral, mean = Mood(), STATES[psychology]
    side = 1.0 if rng.random() < 0.5 else -1.0
    lean = 1.0 if rng.random() < 0.5 else -1.0
    share, other = MIXTURE * rng.random() ** 2, STATES[list(STATES)[1 + int(5 * rng.random())]]
    noise = dict(zip(SPREAD, rng.standard_normal(len(SPREAD)).tolist(), strict=True))
    strength = strength if psychology else 0.0
    values = {}
    for name, (spread, low, high) in SPREAD.items():
        felt = (1 - share) * mean.get(name, 0.0) + share * other.get(name, 0.0)
        value = getattr(neutral, name) + strength * felt + spread * noise[name]
        values[name] = min(high, max(low, value))
    values["tilt"] *= lean
    values["side"] = side * (0.45 + 0.5 * float(rng.random()))
    return Mood(**values)


def tone(mood: Mood, colours: np.ndarray) -> np.ndarray:
    """`colours` (…×3, sRGB 0 … 1) as this mood paints them, clipped to 0 … 1."""
    colours = np.asarray(colours, float)
    grey = (colours @ LUMA)[..., None]
    colours = grey + mood.saturation * (colours - grey) + mood.warmth * WARM
    return np.clip(0.5 + mood.contrast * (colours - 0.5) + mood.brightness, 0.0, 1.0)


def colour(mood: Mood, base: Sequence[float]) -> tuple[float, float, float]:
    """One base colour as this mood paints it (`tone` without arrays: a picture has hundreds of colours)."""
    red, green, blue = base
    # of `tone` for each channel: contrast * (grey + saturation * (value - grey) + warmth * warm - 0.5) + …
    warm, factor = mood.contrast * mood.warmth, mood.contrast * mood.saturation
    grey = (mood.contrast - factor) * (0.299 * red + 0.587 * green + 0.114 * blue)
    grey += 0.5 - 0.5 * mood.contrast + mood.brightness
    return (
        min(1.0, max(0.0, grey + factor * red + 0.11 * warm)),
        min(1.0, max(0.0, grey + factor * green + 0.015 * warm)),
        min(1.0, max(0.0, grey + factor * blue - 0.13 * warm)),
    )
