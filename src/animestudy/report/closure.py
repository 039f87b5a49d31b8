"""Which library files a notebook rests on: what its stage must list under `deps` in dvc.yaml.

Only what Python would import counts, at any depth, inside functions too; read from the source, never run.
"""

import ast
import json
from collections.abc import Iterator
from pathlib import Path

PACKAGE = "animestudy"


def imports(source: str, package: str = "") -> Iterator[str]:
    """The modules that a piece of Python names in its import statements, dotted."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*parts, *([node.module] if node.module else [])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def code(notebook: Path) -> str:
    """The Python of a notebook, without IPython's magics."""
    cells = json.loads(notebook.read_text())["cells"]
    lines = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code").splitlines()
    return "\n".join(line for line in lines if not line.lstrip().startswith(("%", "!")))


def located(module: str, root: Path) -> list[Path]:
    """The files that importing a module of the library runs: its own, and those of the packages above it."""
    parts = module.split(".")
    if parts[0] != PACKAGE:
        return []
    steps = [root / "src" / Path(*parts[: k + 1]) for k in range(len(parts))]
    files = [path for step in steps for path in (step / "__init__.py", step.with_suffix(".py"))]
    return [path for path in files if path.is_file()]


def has_code(path: Path) -> bool:
    """Whether a module holds more than a docstring."""
    body = ast.parse(path.read_text()).body
    return any(not isinstance(node, ast.Expr) for node in body)


def closure(start: Path, root: Path) -> set[str]:
    """Library files that a notebook or module reaches, relative to `root`; those without code left out."""
    seen: set[Path] = set()
    waiting = [start]
    while waiting:
        path = waiting.pop()
        notebook = path.suffix == ".ipynb"
        package = "" if notebook else ".".join(path.relative_to(root / "src").parent.parts)
        for module in imports(code(path) if notebook else path.read_text(), package):
            fresh = [file for file in located(module, root) if file not in seen]
            seen.update(fresh)
            waiting += fresh
    return {path.relative_to(root).as_posix() for path in seen if has_code(path)}
