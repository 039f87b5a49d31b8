"""What computes: a generator file and an engine become one function of pictures.

`torch` runs everywhere and converts large pictures in tiles; `onnx` (ONNX Runtime) and `openvino` run an
exported network and are faster on a CPU, on whole pictures only.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from animestudy.convert.sizes import TILE, WHOLE
from animestudy.errors import StudyError

ENGINES = ("torch", "onnx", "openvino")
VIEW = "view_"  # how the name of an input begins that is the picture at the longer side that follows

Work = Callable[[np.ndarray], np.ndarray]  # n×H×W×3 uint8 → the same


@dataclass(frozen=True)
class Machine:
    """How to compute."""

    engine: str = "torch"
    device: str = "auto"  # auto | cpu | cuda
    tile: str = "auto"  # auto | off | side in pixels
    threads: int = 0  # of onnx and openvino; 0: as many as they like


def work(file: Path, machine: Machine) -> Work:
    """A function that converts pictures of any size, n×H×W×3 uint8 → the same."""
    check(machine)
    if file.suffix == ".onnx" and machine.engine == "torch":
        raise StudyError(f"{file}: an exported network; say --engine onnx or --engine openvino")
    return {"torch": with_torch, "onnx": with_onnx, "openvino": with_openvino}[machine.engine](file, machine)


def check(machine: Machine) -> None:
    """Refuse words that cannot be meant."""
    if machine.engine not in ENGINES:
        raise StudyError(f"--engine {machine.engine}: choose {', '.join(ENGINES)}")
    if machine.device not in ("auto", "cpu", "cuda"):
        raise StudyError(f"--device {machine.device}: choose auto, cpu or cuda")
    tile = machine.tile
    if tile not in ("auto", "off") and not (tile.isascii() and tile.isdigit() and int(tile) >= 32):
        raise StudyError(f"--tile {tile}: auto, off, or the side of a tile in pixels (32 or more)")
    if machine.engine != "torch" and tile not in ("auto", "off"):
        raise StudyError(
            f"--tile {tile}: {machine.engine} converts whole pictures; tiles need --engine torch"
        )


def side(machine: Machine, height: int, width: int) -> int:
    """Side of the tiles for a picture of this size, 0 for none."""
    if machine.tile == "off" or (machine.tile == "auto" and height * width <= WHOLE):
        return 0
    tile = TILE if machine.tile == "auto" else int(machine.tile)
    return 0 if tile >= max(height, width) else tile


def with_torch(file: Path, machine: Machine) -> Work:
    """PyTorch, on a GPU where there is one; large pictures in tiles."""
    import torch

    from animestudy.convert import rules, tiles
    from animestudy.models import generators

    if machine.device == "cuda" and not torch.cuda.is_available():
        raise StudyError("--device cuda: PyTorch sees no GPU here; say --device auto or cpu")
    auto = "cuda" if torch.cuda.is_available() else "cpu"
    generator = generators.load(file)[0].to(auto if machine.device == "auto" else machine.device)

    def convert(pictures: np.ndarray) -> np.ndarray:
        tile = side(machine, *pictures.shape[1:3])
        try:
            if tile:
                return np.stack([tiles.convert(generator, picture, tile) for picture in pictures])
        except rules.Untiled:
            if machine.tile != "auto":
                raise
            print(f"{file.name} cannot be run in tiles: in one piece, with all its memory", file=sys.stderr)
        return np.stack([generators.convert(generator, picture) for picture in pictures])

    return convert


def exported(file: Path) -> bytes:
    """The network as ONNX: the file itself, or exported now."""
    if file.suffix == ".onnx":
        return file.read_bytes()
    from animestudy.convert import export

    return export.network(file)


def with_onnx(file: Path, machine: Machine) -> Work:
    """ONNX Runtime."""
    try:
        import onnxruntime
    except ImportError:
        raise StudyError("--engine onnx: ONNX Runtime is missing; pip install 'animestudy[onnx]'") from None
    there = onnxruntime.get_available_providers()
    if machine.device == "cuda" and "CUDAExecutionProvider" not in there:
        raise StudyError("--device cuda: this ONNX Runtime knows no GPU; say --device auto or cpu")
    wanted = ["CPUExecutionProvider"]
    if machine.device != "cpu" and "CUDAExecutionProvider" in there:
        wanted.insert(0, "CUDAExecutionProvider")
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = machine.threads
    session = onnxruntime.InferenceSession(exported(file), options, wanted)
    names = [part.name for part in session.get_inputs()]
    return whole(lambda x: session.run(None, given(names, x))[0])


def with_openvino(file: Path, machine: Machine) -> Work:
    """OpenVINO, in float32 on the CPU."""
    if machine.device == "cuda":
        raise StudyError("--device cuda: OpenVINO runs on the CPU here; say --device auto or cpu")
    try:
        import openvino
    except ImportError:
        raise StudyError(
            "--engine openvino: OpenVINO is missing; pip install 'animestudy[openvino]'"
        ) from None
    core = openvino.Core()
    network = core.compile_model(
        core.read_model(exported(file)),
        "CPU",
        {
            "INFERENCE_PRECISION_HINT": "f32",
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_NUM_THREADS": machine.threads,
        },
    )
    names = [part.any_name for part in network.inputs]
    return whole(lambda x: network(given(names, x))[0])


def given(names: Sequence[str], picture: np.ndarray) -> dict[str, np.ndarray]:
    """What an exported network is given of a picture, 1×3×H×W in [−1, 1], by the names of its inputs."""
    import torch

    from animestudy.models.afgan import viewed

    def one(name: str) -> np.ndarray:
        size = name.removeprefix(VIEW)
        if size == name:
            return picture
        return viewed(torch.from_numpy(picture), int(size)).numpy()

    return {name: one(name) for name in names}


def whole(run: Callable[[np.ndarray], np.ndarray]) -> Work:
    """A function of pictures from one of n×3×H×W float32 in [−1, 1]."""

    def convert(pictures: np.ndarray) -> np.ndarray:
        def one(picture: np.ndarray) -> np.ndarray:
            y = run(np.ascontiguousarray(picture.transpose(2, 0, 1)[None], np.float32) / 127.5 - 1)[0]
            return np.rint((y + 1) * 127.5).clip(0, 255).astype(np.uint8).transpose(1, 2, 0)

        return np.stack([one(picture) for picture in pictures])

    return convert
