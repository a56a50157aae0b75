"""A table of the firm's own that is loaded counts every data row of its file."""

from pathlib import Path

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
