"""Portraits: a sitter before a backdrop, head and shoulders.

In a photograph the sitter has the proportions of a person; in a drawing the face is deformed (large eyes,
small nose and mouth, pointed chin, hair in a few big locks). The backdrop keeps its outlines in both.
"""

from functools import cache

from animestudy.data.atelier import drawn, face, hair
from animestudy.data.atelier.backdrop import backdrop
from animestudy.data.atelier.beard import beard
from animestudy.data.atelier.dress import clothes
from animestudy.data.atelier.eyes import brows
from animestudy.data.atelier.frame import head, rotation
from animestudy.data.atelier.hand import hand
from animestudy.data.atelier.mood import colour, mood
from animestudy.data.atelier.ornaments import glasses, ornaments
from animestudy.data.atelier.sitter import Colour, mix, sit
from animestudy.data.atelier.spec import Plan, Subject

LEAN = 0.5  # share of the mood's tilt that a portrait takes over
ALIVE = 0.4  # how far skin and hair follow the colours of the mood: a face stays a face


def build(subject: Subject) -> Plan:
    """The shapes of a portrait, far things first, and the light they stand in."""
    feeling = mood(subject.psychology, subject.overall, subject.rng("mood"))
    painter = hand(subject.psychology, subject.local, subject.rng("hand"))
    sitter = sit(subject)

    @cache
    def tone(base: Colour) -> Colour:
        return colour(feeling, base)

    @cache
    def living(base: Colour) -> Colour:
        return mix(base, colour(feeling, base), ALIVE)

    lean = rotation(LEAN * feeling.tilt, (0.5, 0.5))
    h = head(subject, sitter, lean)
    parts = (face if subject.domain == "photo" else drawn).PARTS
    return Plan(
        (
            *backdrop(subject.rng("backdrop"), feeling, tone, lean),
            *hair.behind(h, sitter, living, subject.rng("back hair")),
            *clothes(h, sitter, tone, living),
            *face.skull(h, sitter, living),
            *(
                shape
                for part in (*parts, beard, brows)
                for shape in part(h, sitter, living, light(feeling.side))
            ),
            *glasses(h, sitter, tone),
            *hair.above(h, sitter, living, subject.rng("hair")),
            *ornaments(h, sitter, tone),
        ),
        feeling,
        painter,
    )


def light(side: float) -> float:
    """The side of the face that is lit, −1 or 1."""
    return -1.0 if side < 0 else 1.0
