"""A rate library in the official layout, written byte by byte from the dBase description."""

import struct
from collections.abc import Sequence

FIELDS = [("CODE", 10), ("NAME", 20), ("UNIT", 6), ("ZSSL_SET", 8), ("TSL", 6),
          ("ST_DATE", 8), ("END_DATE", 8), ("TSFLAG", 1)]  # fmt: skip


def table(rows: Sequence[tuple[str, ...]], deleted: tuple[int, ...] = ()) -> bytes:
    """A FoxPro table: header, field descriptors, records of fixed width."""
    width = 1 + sum(size for _, size in FIELDS)
    header = 32 + 32 * len(FIELDS) + 1
    out = bytearray(struct.pack("<B3BIHH20x", 0x30, 26, 6, 9, len(rows), header, width))
    for name, size in FIELDS:
        out += name.encode().ljust(11, b"\0") + b"C" + bytes(4) + bytes([size]) + bytes(15)
    out += b"\r"
    for number, row in enumerate(rows):
        out += b"*" if number in deleted else b" "
        for (_, size), cell in zip(FIELDS, row, strict=True):
            out += cell.encode("gb18030").ljust(size)
    return bytes(out)
