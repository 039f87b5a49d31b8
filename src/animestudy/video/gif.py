"""Whether a GIF is whole: its format says where it ends, and decoders go without that."""

import os
from pathlib import Path
from typing import BinaryIO

EXTENSION, IMAGE, TRAILER = 0x21, 0x2C, 0x3B  # first bytes of the blocks of a GIF89a


def cut_off(path: Path) -> bool:
    """Whether the file ends before its trailer, block by block (GIF89a specification, sections 18 to 27)."""
    with path.open("rb") as file:
        file.seek(10)
        _table(file, 2)
        while kind := file.read(1):
            if kind[0] == TRAILER:
                return False
            if kind[0] == IMAGE:
                file.seek(8, os.SEEK_CUR)
                _table(file, 0)
            elif kind[0] != EXTENSION:
                return False  # damaged otherwise: the decoder's own business
            file.seek(1, os.SEEK_CUR)  # an extension's label, or an image's code size
            while (size := file.read(1)) and size[0]:
                file.seek(size[0], os.SEEK_CUR)
            if not size:
                return True
    return True


def _table(file: BinaryIO, rest: int) -> None:
    """Pass over a descriptor's flags, `rest` bytes behind them, and the colour table that they announce."""
    flags = (file.read(1) or b"\0")[0]
    file.seek(rest + (3 << (flags & 7) + 1 if flags & 0x80 else 0), os.SEEK_CUR)
