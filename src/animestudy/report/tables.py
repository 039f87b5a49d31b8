"""Data frames as plain, accessible HTML tables."""

import math
from html import escape

import numpy as np
import pandas as pd


def html(frame: pd.DataFrame, digits: int = 3, index: bool | None = None) -> str:
    """`frame` as an HTML table; floats of a column share its decimals, about `digits` significant ones.

    The index is shown as row headers where it has a name or is not just 0, 1, 2 … (`index` overrides).
    """
    if index is None:
        index = any(frame.index.names) or not isinstance(frame.index, pd.RangeIndex)
    whole = frame.reset_index() if index else frame
    labels = whole.shape[1] - frame.shape[1]
    parts = [whole.iloc[:, k] for k in range(whole.shape[1])]
    heads = [" ".join(map(str, name)) if isinstance(name, tuple) else str(name) for name in whole.columns]
    number = [k >= labels and pd.api.types.is_numeric_dtype(part) for k, part in enumerate(parts)]

    def line(words: list[str], head: bool) -> str:
        cells = [
            _cell(word, "col" if head else "row" if k < labels else "", number[k])
            for k, word in enumerate(words)
        ]
        return f"<tr>{''.join(cells)}</tr>"

    body = "\n".join(
        line(list(words), False) for words in zip(*(column(p, digits) for p in parts), strict=True)
    )
    return f"<table>\n<thead>{line(heads, True)}</thead>\n<tbody>\n{body}\n</tbody>\n</table>"


def column(series: pd.Series, digits: int = 3) -> list[str]:
    """The cells of a column as text: one number of decimals for all floats, so that they align."""
    if not pd.api.types.is_float_dtype(series):
        return ["–" if value is None or value is pd.NA else str(value) for value in series]
    values = series.to_numpy(float)
    largest = np.max(np.abs(values), initial=0, where=np.isfinite(values))
    exponent = math.floor(math.log10(largest)) if largest > 0 else 0
    form = f".{max(0, digits - 1 - exponent)}f" if -4 < exponent < 7 else f".{digits - 1}e"
    return [f"{value:{form}}".replace("-", "−") if np.isfinite(value) else "–" for value in values]


def _cell(text: str, scope: str, number: bool) -> str:
    tag = "th" if scope else "td"
    attributes = (f' scope="{scope}"' if scope else "") + (' class="num"' if number else "")
    return f"<{tag}{attributes}>{escape(text)}</{tag}>"
