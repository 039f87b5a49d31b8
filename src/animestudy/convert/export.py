"""A generator as ONNX, with any height and width, checked against PyTorch."""

import logging
import os
import tempfile
import warnings
from pathlib import Path

import numpy as np
import torch
from torch import nn

from animestudy.convert import engines, generator
from animestudy.errors import StudyError
from animestudy.models import generators

SIZES = ((96, 128), (181, 67))  # height and width of the pictures that the check converts
TOLERANCE = 1e-3  # largest difference in [−1, 1]; a grey level is 0.0078
SMALLEST, LARGEST = 16, 16384  # side of a picture that the exported network promises to take


def write(model: str, target: Path, force: bool = False) -> str:
    """Export the generator of that name (or file) to `target`; what was done, in a line."""
    if target.exists() and not force:
        raise StudyError(f"--onnx {target}: exists; choose another name or pass --force")
    if target.suffix != ".onnx":
        raise StudyError(f"--onnx {target}: end its name in .onnx")
    if not target.parent.is_dir():
        raise StudyError(f"--onnx {target}: its folder does not exist; make it first")
    file = generator.found(model)
    content = network(file)
    made = generators.load(file)[0]
    worst = compared(made, content)
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    beside.write_bytes(content)
    os.replace(beside, target)
    checked = " and ".join(f"{width}×{height}" for height, width in sizes(made))
    return (
        f"{target}: {generator.said(file)}, {len(content) / 1e6:.1f} MB; differs from PyTorch by at most "
        f"{worst:.1e} on pictures of {checked} (allowed {TOLERANCE:g} of −1 … 1)"
    )


def sizes(made: nn.Module) -> list[tuple[int, int]]:
    """Of the pictures that the check converts; some are reduced by a network that looks at one size."""
    glance = getattr(made, "glance", 0)
    return [*SIZES, *([(2 * glance + 13, glance + 7)] if glance else [])]


def network(file: Path) -> bytes:
    """The generator in `file` as ONNX: input `picture`, output `drawing`, N×3×H×W float32.

    A network that looks for faces at one size has a second input, `view_160` where that size is 160 pixels:
    `models.afgan.viewed` of the picture.
    """
    try:
        import onnx  # noqa: F401
        import onnxscript  # noqa: F401
    except ImportError:
        raise StudyError("the export needs ONNX; pip install 'animestudy[onnx]'") from None
    made = generators.load(file)[0]
    given = {"x": torch.zeros(1, 3, 71, 53)}  # odd sides: what is cut off after a doubling is traced
    names = ["picture"]
    if glance := getattr(made, "glance", 0):
        given["view"] = torch.zeros(1, 3, 35, 27)
        names.append(f"{engines.VIEW}{glance}")
    dim = torch.export.Dim
    sides = {"x": ("height", "width"), "view": ("view_height", "view_width")}
    shapes = {
        name: {k: dim(side, min=SMALLEST, max=LARGEST) for k, side in enumerate(sides[name], 2)}
        for name in given
    }
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
        warnings.simplefilter("ignore")
        path = Path(folder) / "network.onnx"
        traced = torch.export.export(
            made,
            (),
            given,
            dynamic_shapes=shapes,
            strict=False,
            prefer_deferred_runtime_asserts_over_guards=True,  # ⌈n/2⌉·2 ≥ n is true, but not proved
        )
        for node in traced.graph.nodes:  # the exporter fails on bounds of two types, clamp(0.001, 1)
            if node.target is torch.ops.aten.clamp.default:
                node.args = (node.args[0], *(float(k) if isinstance(k, int) else k for k in node.args[1:]))
        program = torch.onnx.export(
            traced,
            dynamo=True,
            input_names=names,
            output_names=["drawing"],
            verbose=False,
        )
        program.save(path, external_data=False)
        return path.read_bytes()


def compared(made: nn.Module, content: bytes) -> float:
    """Largest difference of ONNX Runtime's drawings from PyTorch's; `StudyError` above `TOLERANCE`."""
    try:
        import onnxruntime
    except ImportError:
        raise StudyError("the check needs ONNX Runtime; pip install 'animestudy[onnx]'") from None
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(content, options, ["CPUExecutionProvider"])
    worst = 0.0
    for height, width in sizes(made):
        rows, columns = np.mgrid[:height, :width] / 9.0
        picture = np.stack([np.sin(rows + k) * np.cos(columns - k) for k in range(3)])[None].astype(
            np.float32
        )
        with torch.inference_mode():
            expected = made(torch.from_numpy(picture)).numpy()
        names = [part.name for part in session.get_inputs()]
        drawing = session.run(None, engines.given(names, picture))[0]
        if drawing.shape != expected.shape:
            raise StudyError(f"the exported network makes {drawing.shape} of {picture.shape}")
        worst = max(worst, float(np.abs(drawing - expected).max()))
    if not worst <= TOLERANCE:
        raise StudyError(f"the exported network differs by {worst:.1e}, more than {TOLERANCE:g}: not written")
    return worst
