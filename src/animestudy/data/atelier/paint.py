"""One way in: a subject and a size, and a picture comes out."""

from dataclasses import replace

from animestudy.data.atelier import photo, portrait, scene, styles
from animestudy.data.atelier.seal import seal
from animestudy.data.atelier.spec import Picture, Plan, Subject
from animestudy.errors import StudyError

BUILDERS = {"scene": scene.build, "portrait": portrait.build}
SIZES = (16, 4096)  # sides of pictures that make sense, in pixels


def compose(subject: Subject, sealed: bool = True) -> Plan:
    """The shapes of `subject`, the seal (if any) on top, and the light and hand that go with them."""
    if subject.kind not in BUILDERS:
        raise StudyError(f"kind {subject.kind!r} is unknown; choose one of {', '.join(BUILDERS)}")
    plan = BUILDERS[subject.kind](subject)
    return replace(plan, shapes=(*plan.shapes, *seal(subject))) if sealed else plan


def paint(subject: Subject, size: int) -> Picture:
    """`subject` as a size×size picture with every mask of `MASKS`.

    The same subject gives the same picture on every call, and the same composition at every size. Raises
    `StudyError` for an unknown kind, domain, style or psychology and for a size outside of `SIZES`.
    """
    if not SIZES[0] <= size <= SIZES[1]:
        raise StudyError(f"size {size} is out of range; choose {SIZES[0]} to {SIZES[1]} pixels")
    plan = compose(subject)
    if subject.domain == "photo":
        return photo.render(plan, size, subject.rng("photo"))
    if subject.domain == "anime":
        return styles.render(plan, subject.style, size, subject.rng("style"))
    raise StudyError(f"domain {subject.domain!r} is unknown; choose photo or anime")
