"""A table of the firm's own that is loaded counts every data row of its file."""

from pathlib import Path

import polars as pl
import pytest

from offing.sources import staging as staging_room
from offing.sources.staging import Staging
from offing.terms.caution import Caution
from offing.terms.errors import InputError
from offing.terms.firm_records import Records


def test_good_and_bad_rows_add_up_to_the_file(tmp_path: Path) -> None:
    path = tmp_path / "claims.csv"
    path.write_text("number\n1\n2\n3\nx\n", encoding="utf-8")
    staging = Staging(tmp_path)
    bad = InputError("table.not_a_number", text="x")
    staging.take(path, Records((1, 2, 3), (bad,), (Caution("table.note", {"text": "a"}),)))
    assert [each.rows for each in staging.inputs] == [4]
    assert dict(staging.reasons) == {"table.not_a_number": 1}
    assert [note.key for note in staging.notes] == ["table.note"]


def bad(rows: range, reason: str = "a") -> pl.DataFrame:
    lines = {"file": "f.csv", "row": rows, "reason": reason, "text": [str(row) for row in rows]}
    return pl.DataFrame(lines)


def test_all_bad_rows_count_and_the_first_are_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging_room, "LISTED", 5)
    staging = Staging(tmp_path)
    assert staging.quarantine().height == 0
    assert staging.room == 5
    for rows, reason, left in ((range(3), "a", 2), (range(3, 7), "b", 0), (range(7, 9), "a", 0)):
        staging.reject(bad(rows, reason))
        assert staging.room == left
    assert staging.quarantine()["row"].to_list() == [0, 1, 2, 3, 4]
    assert dict(staging.reasons) == {"a": 5, "b": 4}
