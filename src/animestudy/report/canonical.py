"""Executed notebooks without anything that differs between two equal runs.

What a run leaves behind besides its results (times, random ids, process numbers, object addresses, temporary
and absolute paths) is dropped or replaced, so that equal results are equal bytes.
"""

import re
import sys
from itertools import groupby

from nbformat import NotebookNode

from animestudy.paths import ROOT

# (pattern, replacement), tried in this order on every piece of output text
SCRUB = (
    # from the start of a word only: tried at every letter of a picture in base64, this would take seconds
    (re.compile(r"(?<!\S)\S*/ipykernel_\d+/\d+\.py"), "<cell>"),
    (re.compile(r"\bat 0x[0-9a-fA-F]{4,}"), "at 0x…"),
    (re.compile(re.escape(f"{sys.prefix}/")), "<environment>/"),
    (re.compile(re.escape(f"{ROOT}/")), ""),
    (re.compile(re.escape(str(ROOT))), "."),
)
STYLED = re.compile(r"\bT_[0-9a-f]{5}(?=[_\"' {])")  # the random id of a styled data frame


def canonical(notebook: NotebookNode) -> NotebookNode:
    """`notebook` (executed by papermill, nbformat 4.5) made canonical, in place; also returned."""
    metadata = notebook.metadata
    for key in set(metadata) - {"kernelspec", "title", "study"}:
        del metadata[key]
    metadata["language_info"] = {"name": "python"}
    styled: dict[str, str] = {}
    for cell in notebook.cells:
        for key in ("papermill", "execution"):
            cell.metadata.pop(key, None)
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell["id"] = "injected-parameters"
        if not cell.metadata.get("tags", True):
            del cell.metadata["tags"]
        if cell.cell_type == "code":
            cell.outputs = merge_streams(cell.outputs)
            for output in cell.outputs:
                clean(output, styled)
    return notebook


def merge_streams(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Neighbouring stream outputs as one of stdout and one of stderr: how they interleave is chance."""
    merged = []
    for is_stream, run in groupby(outputs, lambda output: output.output_type == "stream"):
        run = list(run)
        if is_stream:
            for name in ("stdout", "stderr"):
                text = "".join(output.text for output in run if output.name == name)
                if text:
                    merged.append(NotebookNode(output_type="stream", name=name, text=text))
        else:
            merged += run
    return merged


def clean(output: NotebookNode, styled: dict[str, str]) -> None:
    """Scrub the text of one output; `styled` maps the styled frames' ids met so far to their numbers."""

    def scrub(text: str) -> str:
        for pattern, replacement in SCRUB:
            text = pattern.sub(replacement, text)
        return STYLED.sub(lambda hit: styled.setdefault(hit[0], f"T_{len(styled):05}"), text)

    if output.output_type == "stream":
        output.text = scrub(output.text)
    for kind, data in output.get("data", {}).items():
        if isinstance(data, str) and (kind.startswith("text/") or kind == "image/svg+xml"):
            output.data[kind] = scrub(data)
