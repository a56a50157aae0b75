"""What a disk refuses is said in words, and a part that cannot be read is named."""

import errno
import os
from pathlib import Path

import duckdb
import polars as pl
import pytest

from offing.terms.errors import StorageError
from offing.warehouse.catalog import FILE, data_state, disk_errors_said, file_stamp, put_on_disk

FULL = os.strerror(errno.ENOSPC)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(errno.ENOSPC, "no space"), "no space"),
        (duckdb.IOException(f"IO Error: {'x' * 300}\nmore"), f"IO Error: {'x' * 190}"),
        (duckdb.OutOfMemoryException("too much"), "too much"),
        (pl.exceptions.ComputeError(f"write failed (os error {errno.ENOSPC})"), FULL),
        (StorageError("warehouse.disk", reason="said before"), "said before"),
    ],
)
def test_what_the_disk_refuses(error: Exception, reason: str) -> None:
    with pytest.raises(StorageError) as said, disk_errors_said(Path("house")):
        raise error
    assert (said.value.key, said.value.values["reason"]) == ("warehouse.disk", reason)


@pytest.mark.parametrize(
    ("code", "bears"), [(errno.EINVAL, True), (errno.ENOTSUP, True), (errno.EIO, False)]
)
def test_a_disk_that_cannot_be_told_to_write_now(
    code: int, bears: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: int) -> None:
        raise OSError(code, "no")

    file = tmp_path / "part"
    file.write_bytes(b"x")
    put_on_disk(file)
    monkeypatch.setattr(os, "fsync", refuse)
    if bears:
        put_on_disk(file)
    else:
        with pytest.raises(OSError, match="no"):
            put_on_disk(file)


def test_the_state_of_data_is_another_after_each_load(tmp_path: Path) -> None:
    assert data_state(tmp_path) == (str(tmp_path / FILE), ())
    (tmp_path / FILE).write_bytes(b"1234")
    assert data_state(tmp_path) == (str(tmp_path / FILE), file_stamp(tmp_path / FILE))
