"""params.yaml as validated types: a wrong value is one clear line before anything runs.

One class a section; the fields of a section are the parameters that the stage's notebook receives.
"""

import re
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from animestudy.errors import StudyError
from animestudy.paths import ROOT


class Section(BaseModel):
    """A section of params.yaml: unknown keys are refused, types are not coerced."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def distinct(names: list[str]) -> list[str]:
    """Nothing is compared with itself."""
    if len(set(names)) < len(names):
        raise ValueError("each may stand in the list once")
    return names


def odd(kernel: int) -> int:
    """Only an odd kernel has a middle."""
    if kernel % 2 == 0:
        raise ValueError("kernels are odd")
    return kernel


T = TypeVar("T")
Distinct = Annotated[list[T], Field(min_length=1), AfterValidator(distinct)]
Kernel = Annotated[int, Field(ge=1), AfterValidator(odd)]
Kernels = Annotated[list[Kernel], Field(min_length=2, max_length=2)]  # of two branches


class Compute(Section):
    """How the machine is used."""

    device: Literal["auto", "cpu", "cuda"]
    precision: Literal["32-true", "bf16-mixed"]
    threads: int = Field(ge=1)
    workers: int = Field(ge=0)
    backend: Literal["processes", "ray"]


class Arm(Section):
    """One collection of the atelier: what is planted in it, and how many pictures of each sort."""

    seed: int = Field(ge=0)
    association: float = Field(ge=0, le=1)
    local: float = Field(ge=0, le=2)
    overall: float = Field(ge=0, le=2)
    decoy: bool
    anime_scenes: int = Field(ge=0)
    photo_scenes: int = Field(ge=0)
    anime_portraits: int = Field(ge=0)
    photo_portraits: int = Field(ge=0)
    pairs: int = Field(ge=0)
    clips: int = Field(ge=0)


class Data(Section):
    """The atelier (stage 01_data)."""

    size: int = Field(ge=32, le=1024)
    frames: int = Field(ge=2)
    arms: dict[str, Arm] = Field(min_length=1)

    @field_validator("arms")
    @classmethod
    def distinct(cls, arms: dict[str, Arm]) -> dict[str, Arm]:
        """Names of arms name folders; no two share a seed, or geometry would leak from one into the other."""
        for name in arms:
            if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", name):
                raise ValueError(f"{name!r} names no collection; use a-z, 0-9, - and _")
        if len({arm.seed for arm in arms.values()}) < len(arms):
            raise ValueError("every arm needs a seed of its own")
        return arms


class Trainings(Section):
    """What stages that train classifiers have in common."""

    seeds: int = Field(ge=2)
    epochs: int = Field(ge=1)
    batch: int = Field(ge=2)
    rate: float = Field(gt=0)


Augment = Literal["mirror", "none", "safe", "colour", "auto", "cutmix"]


class Recognition(Trainings):
    """Those whose classifiers are the study's own."""

    smoothing: float = Field(ge=0, lt=1)
    augment: Augment


class Augmentation(Trainings):
    """What augmentation keeps and destroys (stage 02_augmentation)."""

    source: str
    size: int = Field(ge=32)
    arms: list[Literal["none", "safe", "colour", "auto", "cutmix"]] = Field(min_length=2)
    tasks: list[Literal["style", "psychology"]] = Field(min_length=1)
    pictures: int = Field(ge=32)
    copies: int = Field(ge=2)
    readers: int = Field(ge=50)
    judged: int = Field(ge=10)


class Components(Trainings):
    """The building blocks of a convolutional network (stage 03_components)."""

    size: int = Field(ge=16, le=128)
    poolings: Distinct[Literal["max", "mean", "stochastic"]]
    activations: Distinct[Literal["relu", "tanh", "sigmoid"]]
    heads: Distinct[Literal["connected", "average"]]


class Style(Recognition):
    """Recognition of styles (stage 04_style)."""

    source: str = Field(min_length=1)
    label: str = Field(min_length=1)
    kind: Literal["scene", "portrait", "any"]
    size: int = Field(ge=16)
    channels: list[int] = Field(min_length=1)
    strides: list[Literal[1, 2]] = Field(min_length=1)
    kernels: Kernels
    after: int = Field(ge=1)
    gate: Literal["softmax", "sigmoid", "shared"]
    ratio: int = Field(ge=1)
    frozen: str
    peers: list[Literal["none", "se", "eca", "cbam", "sk"]]
    mobilenet: float = Field(ge=0, le=2)
    grid_kernels: list[Kernels]
    grid_places: list[Annotated[int, Field(ge=1)]]
    grid_ratios: list[Annotated[int, Field(ge=1)]]
    grid_seeds: int = Field(ge=2)
    grid_epochs: int = Field(ge=1)

    @field_validator("strides")
    @classmethod
    def paired(cls, strides: list[int], info: ValidationInfo) -> list[int]:
        """Every convolution has a stride."""
        if len(strides) != len(info.data.get("channels", strides)):
            raise ValueError(f"{len(info.data['channels'])} strides are needed, one for each of the channels")
        return strides

    @field_validator("after", "grid_places")
    @classmethod
    def placed(cls, value: int | list[int], info: ValidationInfo) -> int | list[int]:
        """The module stands behind a convolution that is there."""
        places = value if isinstance(value, list) else [value]
        if places and max(places) > len(info.data.get("channels", range(max(places)))):
            raise ValueError(f"there are only {len(info.data['channels'])} convolutions")
        return value


class Psychology(Recognition):
    """Recognition of the state of mind (stage 05_psychology)."""

    source: str = Field(min_length=1)
    kind: Literal["scene", "portrait"]
    size: int = Field(ge=32)
    channels: list[int] = Field(min_length=4, max_length=4)
    stem: Literal["standard", "deep", "slim"]
    modules: int = Field(ge=1, le=16)
    ratio: int = Field(ge=1)
    activation: Literal["prelu", "relu", "silu"]
    shallow: bool
    order: Literal["deep", "shallow"]
    opening: float = Field(gt=0, lt=1)
    source_epochs: int = Field(ge=1)
    pretrained: str
    frozen: str


class Ablation(Recognition):
    """Accuracy over the number of recalibrated modules (stage 06_ablation)."""

    source: str = Field(min_length=1)
    kind: Literal["scene", "portrait"]
    models: str = Field(min_length=1)
    counts: list[Annotated[int, Field(ge=0, le=16)]] = Field(min_length=3)
    reverse: list[Annotated[int, Field(ge=1, le=15)]]
    local_arm: str = Field(min_length=1)
    overall_arm: str = Field(min_length=1)
    arm_epochs: int = Field(ge=1)

    @field_validator("counts")
    @classmethod
    def rising(cls, counts: list[int]) -> list[int]:
        """A trend needs an order."""
        if counts != sorted(set(counts)):
            raise ValueError("counts have to rise")
        return counts


class Spectrum(Section):
    """Photographs against drawings in their spectra (stage 07_spectrum)."""

    photos: str = Field(min_length=1)
    anime: str = Field(min_length=1)
    kind: Literal["scene", "portrait"]
    pictures: int = Field(ge=20)
    size: int = Field(ge=32, le=1024)
    jpeg_quality: int = Field(ge=0, le=95)
    control_quality: int = Field(ge=1, le=95)
    window: Literal["hann", "none"]
    folds: int = Field(ge=2)
    repeats: int = Field(ge=1)
    resamples: int = Field(ge=100)
    seed: int = Field(ge=0)


class Balance(Section):
    """How hard a discriminator may pull; the trainer adapts its weight."""

    against: str
    ratio: float = Field(gt=0)


class Content(Section):
    """Whose features the content term compares."""

    network: Literal["random", "study", "squeezenet"]
    weights: str
    layers: list[str]


class Method(Section):
    """A translator as data; the trainer checks the names inside the dictionaries."""

    generator: dict[str, str | int | float]
    discriminators: dict[str, dict[str, str | int | float | list[str]]]
    balance: dict[str, Balance] = Field(default_factory=dict)
    losses: dict[str, Annotated[float, Field(ge=0)]]
    initial: dict[str, Annotated[float, Field(ge=0)]]
    first_phase: float = Field(ge=0, lt=1)
    generator_rate: float = Field(gt=0)
    content: Content
    back: bool = False


class Translation(Section):
    """What stages that train translators have in common."""

    photos: str = Field(min_length=1)
    anime: str = Field(min_length=1)
    pairs: str = Field(min_length=1)
    styles: list[str]
    pictures: int = Field(ge=4)
    methods: dict[str, Method] = Field(min_length=1)
    removed: list[str]
    seeds: int = Field(ge=1)
    steps: int = Field(ge=1)
    batch: int = Field(ge=1)
    crop: int = Field(ge=32)
    discriminator_rate: float = Field(gt=0)
    average: float = Field(ge=0, lt=1)
    rate_decay: float = Field(ge=0, le=1)
    log_every: int = Field(ge=1)
    longest: int = Field(ge=32)


class Scene(Translation):
    """Photographs into drawings (stage 08_scene)."""

    kind: Literal["scene", "portrait"]
    held: int = Field(ge=4)
    variant_seeds: int = Field(ge=1)
    spectral_arms: dict[str, dict[str, str | int | float]]


class Finder(Section):
    """How the network that finds the parts of faces is trained."""

    steps: int = Field(ge=1)
    batch: int = Field(ge=2)
    rate: float = Field(gt=0)
    width: int = Field(ge=4)


class Portrait(Translation):
    """Photographs of people into anime portraits (stage 09_portrait)."""

    finder: Finder
    methods: dict[str, Method] = Field(min_length=2)
    seeds: int = Field(ge=2)
    crop: int = Field(ge=48)


class Features(Section):
    """What the layers of the two classifiers learned (stage 10_features)."""

    source: str = Field(min_length=1)
    models: str = Field(min_length=1)
    pictures: int = Field(ge=20)
    style_layers: Distinct[str] = Field(min_length=2)
    psychology_layers: Distinct[str] = Field(min_length=2)
    style_shown: Distinct[str]
    psychology_shown: Distinct[str]
    maps: int = Field(ge=1, le=5)
    channels: int = Field(ge=1)
    steps: int = Field(ge=1)
    folds: int = Field(ge=2)
    seed: int = Field(ge=0)

    @field_validator("style_shown", "psychology_shown")
    @classmethod
    def probed(cls, names: list[str], info: ValidationInfo) -> list[str]:
        """What is shown has been measured."""
        layers = info.data.get(info.field_name.replace("shown", "layers"), names)
        if unknown := [name for name in names if name not in layers]:
            raise ValueError(f"{unknown[0]} is not among the layers that are probed")
        return names


class Gradcam(Section):
    """Where the classifiers look (stage 11_gradcam)."""

    source: str
    models: str
    kind: Literal["scene", "portrait"]
    pictures: int = Field(ge=2)
    method: Literal["Grad-CAM", "HiResCAM", "LayerCAM"]
    style_layers: list[str] = Field(min_length=1)
    psychology_layers: list[str] = Field(min_length=1)
    style_main: str
    psychology_main: str
    repeated: int = Field(ge=2)
    trainings: int = Field(ge=1)
    epochs: int = Field(ge=1)
    portrait_epochs: int = Field(ge=1)
    batch: int = Field(ge=1)
    rate: float = Field(gt=0)
    frames: str
    frames_weights: str
    frames_layer: str
    seed: int = Field(ge=0)


class Relationship(Section):
    """Painter's psychology against style (stage 12_relationship)."""

    source: str = Field(min_length=1)
    control: str = Field(min_length=1)
    models: str = Field(min_length=1)
    works: int = Field(ge=50)
    known: int = Field(ge=25)
    planted: list[Annotated[float, Field(ge=0, le=1)]] = Field(min_length=1)
    draws: int = Field(ge=2)
    resamples: int = Field(ge=10)
    trained: int = Field(ge=1)
    epochs: int = Field(ge=1)
    wikiart: str
    cuc: str
    permutations: int = Field(ge=10)
    seed: int = Field(ge=0)

    @field_validator("planted")
    @classmethod
    def with_none(cls, planted: list[float]) -> list[float]:
        """False alarms are counted where nothing is planted."""
        if 0 not in planted or len(set(planted)) < len(planted):
            raise ValueError("list 0 and other strengths, each once")
        return planted

    @field_validator("known")
    @classmethod
    def fewer(cls, known: int, info: ValidationInfo) -> int:
        """Some pictures have to stay unlabelled."""
        if known >= info.data.get("works", known + 1):
            raise ValueError("fewer than works")
        return known


class Models(Section):
    """What every network costs (stage 14_models)."""

    timings: str = Field(min_length=1)


class Video(Section):
    """Clips through the converters (stage 13_video); the trainer checks the names inside the dictionaries."""

    photos: str = Field(min_length=1)
    anime: str = Field(min_length=1)
    styles: list[str]
    pictures: int = Field(ge=4)
    size: int = Field(ge=32, le=1024)
    frames: int = Field(ge=4)
    clips: int = Field(ge=1)
    grain: float = Field(ge=0)
    weights: dict[str, str] = Field(min_length=1)
    shot_statistics: list[str]
    upsamplings: list[Literal["bilinear", "nearest", "transposed"]] = Field(min_length=2)
    generator: dict[str, str | int]
    discriminators: dict[str, dict[str, str | int | list[str]]]
    losses: dict[str, Annotated[float, Field(ge=0)]]
    initial: dict[str, Annotated[float, Field(ge=0)]]
    content: dict[str, str | list[str]]
    steps: int = Field(ge=1)
    initial_steps: int = Field(ge=0)
    batch: int = Field(ge=1)
    crop: int = Field(ge=32)
    generator_rate: float = Field(gt=0)
    discriminator_rate: float = Field(gt=0)
    average: float = Field(ge=0, lt=1)
    transfers: dict[str, dict[str, str | int | float]] = Field(min_length=1)
    seeds: int = Field(ge=2)
    rate: int = Field(ge=1, le=60)

    @field_validator("shot_statistics")
    @classmethod
    def named(cls, names: list[str], info: ValidationInfo) -> list[str]:
        """They are among the weights."""
        if unknown := [name for name in names if name not in info.data.get("weights", names)]:
            raise ValueError(f"{unknown[0]} is not among the weights")
        return names


class Params(Section):
    """The whole file."""

    compute: Compute
    data: Data
    augmentation: Augmentation
    components: Components
    style: Style
    psychology: Psychology
    ablation: Ablation
    spectrum: Spectrum
    scene: Scene
    portrait: Portrait
    features: Features
    gradcam: Gradcam
    relationship: Relationship
    video: Video
    models: Models


def explain(error: dict, document: dict, source: str) -> str:
    """One of pydantic's errors as a line: key, value and what is allowed."""
    where = ".".join(str(part) for part in error["loc"])
    if error["type"] == "missing":
        return f"{source}: {where} is missing"
    if error["type"] == "extra_forbidden":
        return f"{source}: {where} is not a parameter; check its spelling"
    value = document
    for part in error["loc"]:
        value = value[part] if isinstance(value, (dict, list)) else value
    message = error["msg"].removeprefix("Value error, ")
    shown = "" if isinstance(value, dict) else f" = {value!r}"
    return f"{source}: {where}{shown}: {message[0].lower()}{message[1:]}"


def validate(document: object, source: str = "params.yaml") -> Params:
    """`document` (nested dicts, as read from YAML) as `Params`; `StudyError` names every wrong key."""
    if not isinstance(document, dict):
        raise StudyError(f"{source}: a mapping of sections is expected")
    try:
        return Params.model_validate(document)
    except ValidationError as error:
        raise StudyError("\n".join(explain(item, document, source) for item in error.errors())) from None


def read(path: Path = ROOT / "params.yaml") -> Params:
    """Read and validate a parameter file."""
    try:
        document = YAML(typ="safe").load(path)
    except FileNotFoundError:
        raise StudyError(f"{path.name}: no such file") from None
    except YAMLError as error:
        raise StudyError(f"{path.name}: not valid YAML: {' '.join(str(error).split())}") from None
    return validate(document, path.name)
