"""All measures of a translator at once, in one tidy table.

Every measure is written as a value for each picture, whose mean is the measure: also those that belong to a
set (KID, spectrum, diversity), by what each picture adds to them. So one way of resampling, over seeds and
pictures, serves all, and methods are compared on the same photographs picture by picture. The drawings that
pictures are held against are not drawn anew: they are the same for all methods.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from animestudy import progress
from animestudy.losses.content import Features, random_network
from animestudy.measures import colour, content, edges, fidelity, kernel, neighbours, spectral
from animestudy.measures.embedding import Scale, embed
from animestudy.measures.recognition import Recogniser
from animestudy.stats.trends import Estimate, two_level
from animestudy.training.sweep import sweep


class Meaning(NamedTuple):
    """What a measure says."""

    label: str
    unit: str
    better: str  # lower | higher | empty
    words: str


MEASURES: dict[str, Meaning] = {
    "kid": Meaning("KID ×100", "", "lower", "distance to unseen drawings in feature space"),
    "spectral": Meaning("spectrum", "dB", "lower", "distance of the radial log spectrum to that of drawings"),
    "style": Meaning("style", "", "higher", "probability of the target style, by the style classifier"),
    "content": Meaning("content", "", "higher", "likeness of layout to the photograph in feature space"),
    "label": Meaning("label", "", "higher", "share classified as the true drawing is"),
    "colour": Meaning("colour shift", "ΔE00", "lower", "of blurred areas against the photograph"),
    "psnr": Meaning("PSNR", "dB", "higher", "against the painter's own drawing"),
    "ssim": Meaning("SSIM", "", "higher", "against the painter's own drawing"),
    "edges": Meaning("edge F", "", "higher", "edges against those of the painter's own drawing"),
    "diversity": Meaning("diversity", "", "", "mean distance within the set, in that of drawings"),
    "memory": Meaning("memory", "", "", "nearer to training drawings than unseen ones are; 1/2 is none"),
}


ARROWS = {"lower": "↓", "higher": "↑", "": ""}


@dataclass(frozen=True)
class Yardstick:
    """What converted pictures are held against. All pictures are N×S×S×3 uint8 of one size.

    Measures whose pictures or classifiers are missing are left out.
    """

    photographs: np.ndarray  # what is converted
    drawings: np.ndarray  # of the target style, unseen
    training: np.ndarray  # of the target style, which the generators learnt from
    truth: np.ndarray | None = None  # the painter's own drawings of the first photographs, or of all
    features: Features | None = None  # `losses.content.features`; None: random filters
    style: Recogniser | None = None  # tells the styles apart
    styles: Sequence[str] = ()  # the target style, or several
    label: Recogniser | None = None  # for `label`, e.g. of the psychology
    tolerance: float = 1.5  # pixels, of edges

    @cached_property
    def network(self) -> Features:
        """The feature network."""
        return self.features or Features(random_network(), ("0", "3", "6"))

    @cached_property
    def scale(self) -> Scale:
        """Of the features, from the training drawings."""
        return Scale(embed(self.network, self.training))

    def embed(self, pictures: np.ndarray) -> np.ndarray:
        """Features in units of the training drawings, N×D."""
        return self.scale(embed(self.network, pictures))

    @cached_property
    def seen(self) -> np.ndarray:
        """Features of the training drawings."""
        return self.embed(self.training)

    @cached_property
    def unseen(self) -> np.ndarray:
        """Features of the unseen drawings."""
        return self.embed(self.drawings)

    @cached_property
    def profiles(self) -> np.ndarray:
        """Spectra of all drawings."""
        return spectral.profiles(np.concatenate([self.drawings, self.training]))

    @cached_property
    def layouts(self) -> np.ndarray:
        """What stands where in the photographs."""
        return content.layout(self.network, self.photographs)

    @cached_property
    def areas(self) -> np.ndarray:
        """Colours of the photographs' areas."""
        return colour.areas(self.photographs)

    def of(self, pictures: np.ndarray) -> dict[str, np.ndarray]:
        """Measure → a value for each of the converted pictures, which stand in the photographs' order."""
        own = self.embed(pictures)
        values = {
            "kid": 100 * kernel.contributions(own, self.unseen),
            "spectral": spectral.spectral(pictures, self.profiles),
            "content": content.likeness(content.layout(self.network, pictures), self.layouts),
            "colour": colour.shift(colour.areas(pictures), self.areas),
            "diversity": neighbours.diversity(own, self.unseen),
            "memory": neighbours.memory(own, self.seen, self.unseen),
        }
        if self.style is not None and self.styles:
            values["style"] = self.style.of(pictures, self.styles)
        if self.truth is not None:
            known = pictures[: len(self.truth)]
            values["psnr"] = fidelity.psnr(known, self.truth)
            values["ssim"] = fidelity.ssim(known, self.truth)
            values["edges"] = edges.edge_f(known, self.truth, self.tolerance)
            if self.label is not None:
                values["label"] = self.label.agrees(known, self.truth)
        return values

    def floors(self) -> dict[str, float]:
        """What drawings themselves reach: the best that a translator can be asked for.

        KID: 95th percentile between random halves of the unseen drawings; spectrum: between every second
        drawing; style, diversity and memory: of the unseen drawings.
        """
        found = {
            "kid": kernel.floor(self.unseen),
            "spectral": spectral.distance(self.profiles[::2], self.profiles[1::2]),
            "diversity": 1.0,
            "memory": 0.5,
        }
        if self.style is not None and self.styles:
            found["style"] = float(self.style.of(self.drawings, self.styles).mean())
        return found


def measures(
    converted: Mapping[str, Sequence[np.ndarray]],
    yardstick: Yardstick,
    **machine: Any,  # noqa: ANN401
) -> pd.DataFrame:
    """A row for each value: method, seed (from 0), measure, picture (number of the photograph), value.

    converted: method → for each seed what that generator made of `yardstick.photographs`, N×S×S×3 uint8. The
    photographs themselves are a method too, worth having in the table: `{"photograph": [photographs]}`.
    machine: threads, workers and backend of `sweep`, to measure sets side by side; without, in this process.
    """
    names = [(method, seed) for method, seeds in converted.items() for seed in range(len(seeds))]
    sets = [np.asarray(converted[method][seed]) for method, seed in names]
    for (method, _), pictures in zip(names, sets, strict=True):
        if len(pictures) != len(yardstick.photographs):
            raise ValueError(f"{method}: {len(pictures)} of {len(yardstick.photographs)} photographs")
    for part in ("seen", "unseen", "profiles", "layouts", "areas"):
        getattr(yardstick, part)  # computed once, not in every process
    jobs = [{"yardstick": yardstick, "pictures": pictures} for pictures in sets]
    says = {"description": "measures", "unit": "sets"}
    if machine:
        found = sweep(measured, jobs, **says, **machine)
    else:
        found = [measured(**job) for job in progress.bar(jobs, **says)]
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "method": method,
                    "seed": seed,
                    "measure": measure,
                    "picture": np.arange(len(values)),
                    "value": values,
                }
            )
            for (method, seed), part in zip(names, found, strict=True)
            for measure, values in part.items()
        ],
        ignore_index=True,
    )


def measured(yardstick: Yardstick, pictures: np.ndarray) -> dict[str, np.ndarray]:
    """`Yardstick.of` as a function that other processes find."""
    return yardstick.of(pictures)


def values(table: pd.DataFrame, method: str, measure: str) -> np.ndarray:
    """The values of one method and measure, seeds × pictures."""
    part = table[(table["method"] == method) & (table["measure"] == measure)]
    if part.empty:
        raise ValueError(f"no {measure!r} of {method!r} in the table")
    return part.pivot(index="seed", columns="picture", values="value").to_numpy()


def estimates(table: pd.DataFrame, seed: int = 0) -> pd.DataFrame:
    """Means with 95 % intervals over seeds and pictures (`trends.two_level`), a row for method and measure.

    Columns: method, measure, value, low, high, sd (of the seeds' means; NaN for one seed), seeds, pictures.
    """
    rows = []
    for method, measure in table[["method", "measure"]].drop_duplicates().itertuples(index=False):
        part = values(table, method, measure)
        means = part.mean(1)
        facts = {"method": method, "measure": measure, **two_level(part, seed)._asdict()}
        spread = means.std(ddof=1) if len(means) > 1 else np.nan
        rows.append({**facts, "sd": spread, "seeds": part.shape[0], "pictures": part.shape[1]})
    return pd.DataFrame(rows)


def gain(table: pd.DataFrame, measure: str, method: str, over: str, seed: int = 0) -> Estimate:
    """`method` minus `over`, paired by photograph, and by seed over the seeds that both have.

    A method with one seed (the photograph, say) is held against every seed of the other.
    """
    first, second = values(table, method, measure), values(table, over, measure)
    both = min(len(first), len(second))
    if both > 1:
        first, second = first[:both], second[:both]
    return two_level(first - second, seed)


def shown(table: pd.DataFrame, methods: Sequence[str] = (), digits: int = 3) -> pd.DataFrame:
    """`estimates` as people read them: a row a method, a column a measure, cells like "3.1 [2.8, 3.5]"."""
    methods = list(methods) or list(table["method"].unique())
    names = [name for name in MEASURES if name in set(table["measure"])]
    cells = {
        (row.method, row.measure): f"{Estimate(row.value, row.low, row.high):.{digits}g}"
        for row in estimates(table).itertuples()
    }
    columns = {
        " ".join(filter(None, (MEASURES[name].label, MEASURES[name].unit, ARROWS[MEASURES[name].better]))): [
            cells[method, name] for method in methods
        ]
        for name in names
    }
    return pd.DataFrame(columns, index=pd.Index(methods, name="method"))
