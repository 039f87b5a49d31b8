"""What is known of a landscape of the atelier besides its labels: its lines, its colours, its composition."""

from collections.abc import Mapping

import numpy as np

from animestudy.data.atelier.hand import hand
from animestudy.data.atelier.mood import mood
from animestudy.data.atelier.places import PLACES
from animestudy.data.atelier.plan import items
from animestudy.data.atelier.spec import Subject
from animestudy.data.collection import Collection
from animestudy.errors import StudyError
from animestudy.params import Arm

# Group → factor → the same in words, with its unit where it has one.
GROUPS: dict[str, tuple[str, ...]] = {
    "label": ("style", "psychology"),
    "line": ("weight", "tremor", "wave", "straightness", "breaks", "strength"),
    "colour": ("warmth", "saturation", "brightness", "contrast"),
    "composition": ("place", "horizon", "density", "symmetry", "lean"),
}
GROUP = {factor: group for group, factors in GROUPS.items() for factor in factors}


def facts(subject: Subject) -> dict[str, float | str]:
    """Every factor of `GROUPS` for a drawn landscape: the numbers that the painter worked by.

    They are drawn from the streams of `atelier.scene.build`, without building the scene. `lean` is the size
    of the tilt, in degrees; the other units are those of `spec.Hand` and `spec.Mood`.
    """
    felt = mood(subject.psychology, subject.overall, subject.rng("mood"))
    drawn = hand(subject.psychology, subject.local, subject.rng("hand"))
    return {
        "style": subject.style,
        "psychology": subject.psychology,
        "weight": drawn.weight,
        "tremor": drawn.tremor,
        "wave": drawn.wave,
        "straightness": drawn.straighten,
        "breaks": drawn.breaks,
        "strength": drawn.strength,
        "warmth": felt.warmth,
        "saturation": felt.saturation,
        "brightness": felt.brightness,
        "contrast": felt.contrast,
        "place": list(PLACES)[int(subject.rng("scene").integers(len(PLACES)))],
        "horizon": felt.horizon,
        "density": felt.density,
        "symmetry": felt.symmetry,
        "lean": abs(felt.tilt),
    }


def known(collection: Collection, rows: np.ndarray) -> dict[str, np.ndarray]:
    """The factors of these rows (drawn landscapes), by name: n numbers or n words.

    A factor that is the same in all rows (the lines, where no local cue was planted) is left out. Raises
    `StudyError` for a collection that this version of the atelier has not planned. That the painter alone has
    changed since cannot be seen from a collection; the pipeline draws it anew whenever that happens.
    """
    name = collection.path.name
    if "planted" not in collection.card:
        raise StudyError(f"{name}: not drawn by the atelier, so its factors are not known")
    planned = items(Arm.model_validate(collection.card["planted"]))
    table = collection.table
    if [item.group for item in planned] != table["group"].tolist():
        raise StudyError(f"{name}: drawn by another version of the atelier; draw it again")
    subjects = [planned[row].subject for row in rows]
    for row, subject in zip(rows, subjects, strict=True):
        if (subject.kind, subject.domain) != ("scene", "anime"):
            raise StudyError(f"{name}: row {row} is no drawn landscape, and only these have all factors")
    found: list[Mapping[str, float | str]] = [facts(subject) for subject in subjects]
    columns = {factor: np.array([one[factor] for one in found]) for factor in GROUP}
    return {factor: values for factor, values in columns.items() if len(np.unique(values)) > 1}
