"""A look at a collection of the atelier: what to show of it, and numbers that tell whether it is sound."""

import cv2
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from animestudy.data.collection import Collection

# Colours in which masks are laid over a picture (Tol's "bright" scheme, as in all figures).
TINTS = {
    "background": (0x66, 0xCC, 0xEE),
    "figure": (0x22, 0x88, 0x33),
    "face": (0xCC, 0xBB, 0x44),
    "hair": (0xAA, 0x33, 0x77),
    "eyes": (0x44, 0x77, 0xAA),
    "brows": (0x22, 0x22, 0x22),
    "nose": (0xEE, 0x99, 0x55),
    "mouth": (0xEE, 0x66, 0x77),
    "line_cue": (0xEE, 0x66, 0x77),
    "decoy": (0x44, 0x77, 0xAA),
}


def one_of_each(found: Collection, kind: str, styles: list[str], states: list[str]) -> list[np.ndarray]:
    """A drawing of each style × state of mind, row by row; white where the collection has none.

    Drawings of pairs are taken only where there is no other. Empty if there are no drawings of this kind.
    """
    table = found.table[(found.table["domain"] == "anime") & (found.table["kind"] == kind)]
    first = table.sort_values("pair", kind="stable").drop_duplicates(["style", "psychology"])
    place = {(row.style, row.psychology): index for index, row in first.iterrows()}
    if not place:
        return []
    cells = [place.get((style, state)) for style in styles for state in states]
    blank = np.full_like(found.images[0], 255)
    return [blank if row is None else found.images[row] for row in cells]


def tinted(found: Collection, row: int, names: list[str], share: float = 0.6) -> np.ndarray:
    """Picture `row` in grey with the named masks in their colours of `TINTS`: H×W×3 uint8."""
    grey = found.images[row].mean(-1, keepdims=True).repeat(3, -1)
    for name in names:
        mask = found.mask(name, [row])[0]
        grey[mask] = (1 - share) * grey[mask] + share * np.array(TINTS[name])
    return grey.round().astype(np.uint8)


def flow_picture(flow: np.ndarray, longest: float) -> np.ndarray:
    """Flow (H×W×2, pixels) as colour: hue is the direction, saturation the length up to `longest`; uint8."""
    length, angle = cv2.cartToPolar(*np.moveaxis(flow.astype(np.float32), 2, 0), angleInDegrees=True)
    hue, full = angle / 2, 255 * (length / max(longest, 1e-6)).clip(0, 1)
    return cv2.cvtColor(np.dstack([hue, full, np.full_like(hue, 255)]).astype(np.uint8), cv2.COLOR_HSV2RGB)


def warped(following: np.ndarray, flow: np.ndarray) -> np.ndarray:
    """The following frame (H×W×3) fetched back along the flow onto the frame before it, float32."""
    y, x = np.indices(flow.shape[:2]).astype(np.float32)
    places = x + flow[..., 0], y + flow[..., 1]
    return cv2.remap(
        following.astype(np.float32), *places, cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REPLICATE
    )


def clip_report(
    table: pd.DataFrame, frames: np.ndarray, flow: np.ndarray, hidden: np.ndarray
) -> pd.DataFrame:
    """`table` (clips.csv) with, for each clip, what the flow explains: mean errors in grey levels.

    "still" compares a frame with the next as it is, "warped" along the flow, both where nothing is hidden.
    """
    rows = []
    for k in range(len(frames)):
        steps = range(len(flow[k]))
        here = frames[k].astype(np.float32)
        still = [np.abs(here[t + 1] - here[t]).mean(-1)[~hidden[k, t]] for t in steps]
        fetched = [np.abs(warped(here[t + 1], flow[k, t]) - here[t]).mean(-1)[~hidden[k, t]] for t in steps]
        rows.append(
            {
                "fastest (px)": np.hypot(*np.moveaxis(flow[k], -1, 0)).max(),
                "hidden": hidden[k].mean(),
                "error, still": np.concatenate(still).mean(),
                "error, warped": np.concatenate(fetched).mean(),
            }
        )
    return table[["domain", "kind", "style", "motion"]].join(pd.DataFrame(rows))


def coarse(images: np.ndarray, cells: int = 8) -> np.ndarray:
    """What a linear probe reads: mean, spread of each channel in cells×cells fields; N×(6·cells²) float."""
    n, size = images.shape[:2]
    side = size // cells
    fields = images[:, : side * cells, : side * cells].reshape(n, cells, side, cells, side, 3)
    mean = fields.mean((2, 4), dtype=np.float32)
    spread = np.sqrt(np.maximum(np.square(fields, dtype=np.float32).mean((2, 4)) - mean**2, 0))
    return np.concatenate([mean.reshape(n, -1), spread.reshape(n, -1)], 1)


def probe(found: Collection, rows: np.ndarray, label: str, folds: int = 5) -> np.ndarray:
    """Which pictures (`rows`) a linear classifier on `coarse` pixels gets right, cross-validated: bool.

    Groups stay in one fold.
    """
    truth = found.table[label].to_numpy()[rows]
    reader = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=300))
    groups = found.table["group"].to_numpy()[rows]
    said = cross_val_predict(reader, coarse(found.images[rows]), truth, groups=groups, cv=GroupKFold(folds))
    return said == truth
