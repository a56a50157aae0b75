"""Our law beside open encodings of others, and rule files past their look."""

import tomllib
from pathlib import Path

import pytest
from tools.compare_law import REASONS, headings_in, main

TABLE = "key,on,rate\neur.vat.deu,2020-09-01,0.16\ngbr.vat,2024-03-01,{british}\n"
REASON = """[[difference]]
encoding = "tables"
key = "gbr.*"
theirs = "0.19"
ours = "0.20"
reason = "planted"
"""


@pytest.mark.parametrize(
    ("british", "reasons", "code", "said"),
    [
        ("0.20", "", 0, "0 differences, 0 without a reason"),
        ("0.19", "", 1, "no reason: tables: gbr.vat on 2024-03-01: theirs 0.19, ours 0.20"),
        ("0.19", REASON, 0, "1 differences, 0 without a reason"),
        ("0.20", REASON, 1, "no difference any more: tables gbr.*: planted"),
        ("0.18", REASON, 1, "theirs 0.18, ours 0.20"),
    ],
)
def test_a_difference_has_a_reason_and_a_reason_its_difference(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], british: str, reasons: str, code: int,
    said: str,
) -> None:  # fmt: skip
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "rates.csv").write_text(TABLE.format(british=british), "utf-8")
    file = tmp_path / "reasons.toml"
    file.write_text(reasons, "utf-8")
    assert main([str(tmp_path), "--reasons", str(file)]) == code
    shown = capsys.readouterr().out
    assert said in shown
    assert "vat-rates: no folder of that name" in shown


def test_headings_of_an_act_are_read_with_their_ranges() -> None:
    assert headings_in("9903.88.03 and .04, note 20; 9903.02.19 to .21") == [
        "9903.88.03", "9903.88.04", "9903.02.19", "9903.02.21", "9903.02.20",
    ]  # fmt: skip


def test_each_listed_difference_has_a_reason() -> None:
    for one in tomllib.loads(REASONS.read_text("utf-8"))["difference"]:
        assert one["encoding"] in ("rulespec-us", "vat-rates", "tables")
        assert len(one["reason"]) > 20
        assert {"theirs", "ours"} & {*one}
