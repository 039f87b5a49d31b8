"""Checksums of files."""

import hashlib
from pathlib import Path


def checksum(path: Path, kind: str = "sha256") -> str:
    """The `kind` of a file in hexadecimal digits, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, kind).hexdigest()
