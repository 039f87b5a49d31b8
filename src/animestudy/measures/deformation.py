"""Portraits against the painter's own: how far the face is deformed his way, and what happens around it.

As elsewhere in the study every measure is a value for each picture, whose mean is the measure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd

from animestudy.losses.content import Features
from animestudy.measures import suite
from animestudy.measures.colour import colour_shift
from animestudy.measures.content import content_kept
from animestudy.models.parts import PartNetwork
from animestudy.stats.trends import Estimate
from animestudy.training.parts import Measures, find, measure

QUANTITIES = {
    "eye_area": "eye area / face area",
    "eye_height": "eye height / face height",
    "eye_distance": "distance of eyes / face height",
    "mouth_width": "width of mouth / face height",
}


def reached(made: np.ndarray, before: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """How much of the painter's change has been made: n numbers each → n shares, 0 none, 1 all of it.

    The unit is the painter's mean change, so that a picture in which he changed little does not count more
    than others. Where nothing could be measured in `made` (NaN), nothing has been reached; pictures without
    a measure of photograph or painting are left out (NaN).
    """
    known = np.isfinite(before) & np.isfinite(truth)
    unit = (truth - before)[known].mean()
    return np.where(known, np.nan_to_num((made - before) / unit), np.nan)


def moved(made: np.ndarray, before: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """The same for places, n×k×2 each: the part of every displacement that goes the painter's way.

    Displacements are projected on the painter's and summed over the k landmarks, in units of his mean sum:
    1 for his own, 0 for none and for such as go across. Landmarks that are missing count as not moved.
    """
    painter = np.nan_to_num(truth - before)
    own = np.nan_to_num(made - before)
    return (own * painter).sum((1, 2)) / (painter**2).sum((1, 2)).mean()


class Meaning(NamedTuple):
    """What a measure says."""

    label: str
    unit: str
    better: str  # which way
    digits: str


MEASURES: dict[str, Meaning] = {
    "eyes": Meaning("eye area", "% of the painter's change", "↑", ".0f"),
    "height": Meaning("eye height", "% of the painter's change", "↑", ".0f"),
    "places": Meaning("landmarks", "% of the painter's displacement", "↑", ".0f"),
    "found": Meaning("faces with two eyes", "%", "↑", ".0f"),
    "recoloured": Meaning("colours around", "ΔE00", "↓", ".1f"),
    "kept": Meaning("layout around", "0 … 1", "↑", ".2f"),
}


@dataclass(frozen=True)
class Sitters:
    """Held-out pairs to measure on; pictures n×S×S×3 uint8 in one order."""

    photographs: np.ndarray
    truth: np.ndarray  # the painter's portraits of the same people
    around: np.ndarray  # n×S×S bool: neither figure in the photograph nor in the painting
    finder: PartNetwork  # finds the parts of faces in photographs, paintings and what lies between
    features: Features  # for `kept`

    @cached_property
    def ends(self) -> tuple[Measures, Measures]:
        """The photographs' and the painter's faces, by the same eyes that measure the generated ones."""
        before, truth = (measure(find(self.finder, part)) for part in (self.photographs, self.truth))
        return before, truth

    def of(self, pictures: np.ndarray) -> dict[str, np.ndarray]:
        """Each measure's values, one for each picture."""
        before, truth = self.ends
        made = measure(find(self.finder, pictures))
        parts = [(face.eye_area, face.eye_height, face.centres) for face in (made, before, truth)]
        area, height, centres = zip(*parts, strict=True)
        return {
            "eyes": 100 * reached(*area),
            "height": 100 * reached(*height),
            "places": 100 * moved(*centres),
            "found": 100.0 * made.found,
            "recoloured": colour_shift(pictures, self.photographs, self.around, sigma=2.0),
            "kept": content_kept(self.features, pictures, self.photographs, self.around),
        }


def table(converted: Mapping[str, Sequence[np.ndarray]], sitters: Sitters) -> pd.DataFrame:
    """As `suite.measures`: a row for each value, with method, seed, measure, picture and value."""
    rows = [
        pd.DataFrame(
            {"method": method, "seed": seed, "measure": name, "picture": np.arange(len(v)), "value": v}
        )
        for method, seeds in converted.items()
        for seed, pictures in enumerate(seeds)
        for name, v in sitters.of(np.asarray(pictures)).items()
    ]
    return pd.concat(rows, ignore_index=True)


def shown(values: pd.DataFrame) -> pd.DataFrame:
    """Means with intervals over seeds and pictures, for people: a row a method, a column a measure."""
    found = suite.estimates(values).set_index(["method", "measure"])[["value", "low", "high"]]
    methods = list(values["method"].unique())
    columns = {
        f"{told.label}, {told.unit} {told.better}": [
            format(Estimate(*found.loc[(method, name)]), told.digits) for method in methods
        ]
        for name, told in MEASURES.items()
    }
    return pd.DataFrame(columns, index=pd.Index(methods, name="method"))


def errors(truth: Measures, found: Measures) -> pd.DataFrame:
    """How well parts are found in pictures whose masks are known: a row a quantity.

    Columns: `true` (mean), `bias` (mean of found − true), `error` (mean absolute), `r` (correlation).
    """
    rows = {}
    for name, words in QUANTITIES.items():
        a, b = getattr(truth, name), getattr(found, name)
        both = np.isfinite(a) & np.isfinite(b)
        a, b = a[both], b[both]
        rows[words] = {
            "true": a.mean(),
            "bias": (b - a).mean(),
            "error": np.abs(b - a).mean(),
            "r": np.corrcoef(a, b)[0, 1],
        }
    return pd.DataFrame.from_dict(rows, "index")
