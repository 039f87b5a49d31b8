"""Landscapes: eight kinds of place, each composed of foreground, middle ground and background.

A builder knows nothing of domain, style or size: a photograph and a drawing of one subject share every shape.
"""

import numpy as np

from animestudy.data.atelier.hand import hand
from animestudy.data.atelier.mood import mood
from animestudy.data.atelier.places import PLACES
from animestudy.data.atelier.site import SEASONS, Site
from animestudy.data.atelier.spec import Plan, Subject


def build(subject: Subject) -> Plan:
    """The landscape of `subject`, its mood and the hand that would draw it."""
    chosen = mood(subject.psychology, subject.overall, subject.rng("mood"))
    rng = subject.rng("scene")
    place = list(PLACES.values())[int(rng.integers(len(PLACES)))]
    season = SEASONS[int(rng.choice(4, p=(0.24, 0.40, 0.22, 0.14)))]
    site = Site(chosen, rng, season, grey=float(np.clip(rng.normal(0.12, 0.30), 0, 1)))
    _ = site.sky, site.air  # found once, before other frames are derived from this one
    place(site)
    return Plan(site.shapes(), chosen, hand(subject.psychology, subject.local, subject.rng("hand")))
