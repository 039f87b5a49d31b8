"""Which pictures are converted in tiles, how large those are; apart, so that `--help` loads no library."""

WHOLE = 1_000_000  # pixels up to which a picture is converted in one piece: about 1 kB each
TILE = 384  # side of a tile in pixels
