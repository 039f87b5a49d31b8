"""`animestudy train-gan`: a translator of a person's own, from a folder of photographs and one of drawings.

The methods are those of params.yaml's sections scene and portrait, by the same code as the notebooks 08_scene
and 09_portrait. A long training may be broken off at any time: the same command goes on where it was.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from animestudy import params
from animestudy.data import collection, receipt, sources
from animestudy.data.decode import Form
from animestudy.errors import StudyError
from animestudy.models import generators, parts
from animestudy.paths import inside
from animestudy.training import parts as lessons
from animestudy.training import scenes, translator
from animestudy.training.method import NEEDS_GUIDE, Method, build

QUALITY = 90  # of one JPEG round trip for both: else the judges learn how the files were compressed
FEWEST = 16  # pictures of each domain
EVERY = 100  # steps between checkpoints
SECTIONS = ("scene", "portrait")  # of params.yaml, that have methods; the first that knows a name is taken
ATELIER = "data/atelier"  # drawn faces whose parts are known
SHOWN = {"zoom": 0.4, "far": 0.5, "dark": 1.5}  # how a guide is shown faces, see `lessons.Lesson`


@dataclass(frozen=True)
class Order:
    """What to learn from, and what is to differ from params.yaml."""

    photos: str  # a folder of pictures, or a collection
    anime: str
    out: Path  # weights to write
    method: str = "fsgan"  # one of params.yaml's scene.methods or portrait.methods
    size: int = 160  # side in pixels to which folders are packed
    styles: tuple[str, ...] = ()  # of an anime collection; none: all
    settings: Mapping[str, Any] = field(default_factory=dict)  # keys of the method's section of params.yaml
    generator: Mapping[str, Any] = field(default_factory=dict)  # options of the generator
    content: str = ""  # ImageNet weights of SqueezeNet 1.0 for the content term; none: the method's own
    start: Path | None = None  # weights of such a generator to begin from
    seed: int = 0
    profile: Mapping[str, Any] | None = None  # params.yaml as a profile changes it; None: as it is
    force: bool = False  # replace existing weights and forget an unfinished training


@dataclass(frozen=True)
class Plan:
    """A training that can start."""

    order: Order
    method: dict[str, Any]
    finder: Mapping[str, Any] | None  # how the network that guides the method is taught, where it needs one
    schedule: translator.Schedule
    compute: params.Compute
    photos: np.ndarray
    drawings: np.ndarray
    notes: tuple[str, ...]

    @property
    def checkpoint(self) -> Path:
        """Where an unfinished training lies."""
        return self.order.out.with_suffix(".checkpoint")

    @property
    def guide(self) -> Path:
        """Where the network that finds the parts of faces lies, beside an unfinished training."""
        return self.order.out.with_suffix(".parts")

    def __str__(self) -> str:
        total = self.schedule.initial_steps + self.schedule.steps
        return "\n".join(
            [
                *self.notes,
                f"{self.order.method}: {len(self.photos):,} photographs, {len(self.drawings):,} drawings, "
                f"{total:,} steps of {self.schedule.batch} crops of {self.schedule.crop} pixels",
            ]
        )


@dataclass(frozen=True)
class Trained:
    """Where the weights are."""

    path: Path
    minutes: float  # of this run

    def __str__(self) -> str:
        return (
            f"{self.path}: trained in {self.minutes:.0f} minutes; use it with\n"
            f"  animestudy convert PICTURES --out drawings --model {self.path}"
        )


def plan(order: Order) -> Plan:
    """Pack what has to be packed and judge everything that can be judged before a training.

    Raises `StudyError` for settings, places and folders with which nothing can be learnt.
    """
    method, finder, schedule, compute = configured(order)
    writable(order)
    notes: list[str] = []
    found = {}
    for domain in ("photo", "anime"):
        folder = order.photos if domain == "photo" else order.anime
        found[domain] = training_pictures(folder, domain, order, notes)
    sides = {domain: images.shape[1] for domain, images in found.items()}
    if len(set(sides.values())) > 1:
        raise StudyError(
            f"the photographs have {sides['photo']} pixels a side, the drawings {sides['anime']}: import "
            "both at one --size and one --jpeg, else the judges learn the difference of scale"
        )
    return Plan(order, method, finder, schedule, compute, found["photo"], found["anime"], tuple(notes))


def train(plan: Plan) -> Trained:
    """Train, or go on with an unfinished training, and write the weights."""
    order, begun = plan.order, time.monotonic()
    if order.force:
        plan.checkpoint.unlink(missing_ok=True)
        plan.guide.unlink(missing_ok=True)
    if plan.finder:
        if not plan.guide.is_file():
            parts.save(plan.guide, guide(plan))
        plan.method["parts"] = str(plan.guide)
    method = build(plan.method, order.seed)
    if order.start is not None:
        begin(method, order.start)
    trained = translator.train(
        method,
        plan.photos,
        plan.drawings,
        plan.schedule,
        seed=order.seed,
        device=plan.compute.device,
        precision=plan.compute.precision,
        checkpoint=plan.checkpoint,
        checkpoint_every=EVERY,
        resume=plan.checkpoint if plan.checkpoint.is_file() else None,
        description=order.method,
    )
    options = {key: value for key, value in plan.method["generator"].items() if key != "network"}
    generators.save(
        order.out,
        plan.method["generator"]["network"],
        options,
        trained.generator,
        photos=len(plan.photos),
        drawings=len(plan.drawings),
        steps=plan.schedule.initial_steps + plan.schedule.steps,
        crop=plan.schedule.crop,
        seed=order.seed,
    )
    plan.checkpoint.unlink(missing_ok=True)
    plan.guide.unlink(missing_ok=True)
    return Trained(order.out, (time.monotonic() - begun) / 60)


def guide(plan: Plan) -> parts.PartNetwork:
    """A network that finds the parts of faces in these photographs and in drawings.

    It learns from the photographs in which a frontal face is seen, and from the atelier's portraits of both
    domains, whose parts are known.
    """
    rows, masks = lessons.frontal(plan.photos)
    if len(rows) < FEWEST:
        raise StudyError(
            f"--photos {plan.order.photos}: a face is seen in {len(rows)} pictures; {plan.order.method} "
            f"needs {FEWEST} frontal faces"
        )
    portraits = collection.load(ATELIER)
    drawn = portraits.where(kind="portrait", split="train")
    side = plan.photos.shape[1]
    scaled = [resized(np.asarray(portraits.images[drawn]), side)]
    known = lessons.truth(portraits, drawn).astype(np.uint8).transpose(0, 2, 3, 1)
    shown = np.concatenate([plan.photos[rows], *scaled])
    masks = np.concatenate([masks, resized(known, side).transpose(0, 3, 1, 2) > 0])
    return lessons.learn(shown, masks, lessons.Lesson(**plan.finder, **SHOWN), plan.order.seed)


def resized(images: np.ndarray, side: int) -> np.ndarray:
    """N×S×S×C uint8 → N×side×side×C."""
    how = cv2.INTER_AREA if side < images.shape[1] else cv2.INTER_LINEAR
    return np.stack([cv2.resize(image, (side, side), interpolation=how) for image in images])


def begin(method: Method, start: Path) -> None:
    """Give the generator the weights in `start`, which have to be of a network of the same shape."""
    known, _ = generators.load(start)
    try:
        method.generator.load_state_dict(known.state_dict())
    except RuntimeError:
        raise StudyError(f"--start {start}: weights of another network than this method trains") from None


def configured(
    order: Order,
) -> tuple[dict[str, Any], dict[str, Any] | None, translator.Schedule, params.Compute]:
    """The method, how its guide is taught (None: it needs none), the schedule and the machine, validated."""
    document = params.validate(order.profile).model_dump() if order.profile else params.read().model_dump()
    known = [name for section in SECTIONS for name in document[section]["methods"]]
    if order.method not in known:
        raise StudyError(f"--method {order.method}: one of {', '.join(dict.fromkeys(known))}")
    section = next(name for name in SECTIONS if order.method in document[name]["methods"])
    method = document[section]["methods"][order.method]
    method["generator"] |= order.generator
    if order.content:
        method["content"] = {"network": "squeezenet", "weights": order.content, "layers": []}
    document[section] |= order.settings
    checked = params.validate(document, "train-gan")
    words = getattr(checked, section).model_dump()
    method = words["methods"][order.method]
    common = {part.name: words[part.name] for part in fields(translator.Schedule) if part.name in words}
    weights = {**method["initial"], **method["losses"]}
    guided = any(weights.get(name) for name in NEEDS_GUIDE)
    return method, words["finder"] if guided else None, scenes.schedule(method, **common), checked.compute


def writable(order: Order) -> None:
    """Refuse a place for the weights where they cannot lie."""
    out = order.out
    refusals = {
        f"{out}: is a folder; give the name of a file": out.is_dir(),
        f"{out.parent}: no such folder; make it first": not out.parent.is_dir(),
        f"{out}: exists; choose another place with --out, or pass --force": out.is_file() and not order.force,
    }
    for words, wrong in refusals.items():
        if wrong:
            raise StudyError(words)


def training_pictures(folder: str, domain: str, order: Order, notes: list[str]) -> np.ndarray:
    """Pictures to learn from, N×H×W×3 uint8; a folder that is no collection is packed into data/ first."""
    option = "--photos" if domain == "photo" else "--anime"
    place = folder
    if not (inside(folder) / "card.json").is_file():
        if not Path(folder).is_dir():
            raise StudyError(f"{option} {folder}: no such folder")
        place = f"data/{order.out.stem}-{domain}"
        if (inside(place) / "card.json").is_file() and not order.force:
            notes.append(f"{place}: packed before from {collection.load(place).card['source']}; used again")
        else:
            notes += packed(folder, place, domain, order)
    pictures = collection.load(place)
    styles = {"style": list(order.styles)} if order.styles and domain == "anime" else {}
    rows = pictures.where(domain=domain, split="train", **styles)
    if len(rows) < FEWEST:
        raise StudyError(f"{option} {folder}: {len(rows)} pictures to learn from; {FEWEST} are needed")
    return np.asarray(pictures.images[rows])


def packed(folder: str, place: str, domain: str, order: Order) -> Iterator[str]:
    """Pack a folder into the collection `place`; what happened, in lines."""
    form = Form(size=order.size, jpeg=QUALITY)
    wanted = sources.Order(form, label="none", domain=domain, fractions=(1.0, 0.0, 0.0))
    done = sources.pack(folder, place, wanted, force=order.force)
    yield done.headline[0]
    yield from receipt.refusals(done.files)
