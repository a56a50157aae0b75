"""Our law beside open encodings of others, and rule files past their look."""

import tomllib
from pathlib import Path
from random import Random

import pytest
from tools.compare_law import REASONS, headings_in, main, rulespec_us, vat_rates

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


VAT = "start_date,stop_date,territory_codes,currency_code,rate,rate_type,description\n"


UNREADABLE: dict[str, tuple[str, str | bytes, str]] = {
    "a percentage": ("tables/x.csv", "key,on,rate\ngbr.vat,2024-03-01,20%\n", "20%"),
    "no number": ("tables/x.csv", "key,on,rate\ngbr.vat,2024-03-01,nan\n", "0.20"),
    "no day": ("tables/x.csv", "key,on,rate\ngbr.vat,1.3.2024,0.2\n", "row 2"),
    "no key": ("tables/x.csv", "name,on,rate\ngbr.vat,2024-03-01,0.2\n", "key"),
    "a short row": ("tables/x.csv", "key,on,rate\ngbr.vat\n", "row 2"),
    "another writing": ("tables/x.csv", b"key,on,rate\n\xff\n", "UTF-8"),
    "no table": ("tables/x.txt", "", "key,on,rate"),
    "no file of rates": ("vat-rates/x.txt", "", "vat_rates.csv"),
    "a rate of a country": (
        "vat-rates/vat_rates.csv",
        f"{VAT}2007-01-01,,DE,EUR,x,standard,\n",
        "x",
    ),
    "no rules": ("rulespec-us/README.md", "", "us-tariff-duty"),
    "no yaml": (
        "rulespec-us/us/policies/usitc/us-tariff-duty/overlays/a-9903-01-01.yaml",
        "[",
        "a-9903-01-01.yaml",
    ),
    "other rules": (
        "rulespec-us/us/policies/usitc/us-tariff-duty/overlays/a-9903-01-01.yaml",
        "rules: [{name: a}]",
        "kind",
    ),
}


HEADING = """format: rulespec/v1
rules:
  - name: planted_rate
    kind: parameter
    dtype: Rate
    versions:
      - effective_from: '2026-02-15'
        formula: |-
          0.10
"""


LINES = """rules:
  - name: ch85_general_rate
    kind: parameter
    dtype: Rate
    versions:
      - effective_from: '2026-07-24'
        values: {8528726400: 0.039, 8501102000: 0.067, 8501104020: 0.05, 8501104080: 0.06}
  - name: ch85_general_kind
    kind: parameter
    versions:
      - effective_from: '2026-07-24'
        values: {8528726400: ad_valorem, 8501102000: compound, 8501104020: ad_valorem,
                 8501104080: ad_valorem}
"""


def test_reasons_of_what_was_not_compared_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "rates.csv").write_text(TABLE.format(british="0.20"), "utf-8")
    file = tmp_path / "reasons.toml"
    file.write_text(REASON.replace('"tables"', '"vat-rates"'), "utf-8")
    assert main([str(tmp_path), "--reasons", str(file)]) == 0


def test_nothing_to_compare_is_no_success(tmp_path: Path) -> None:
    assert main([str(tmp_path)]) == 1


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_a_sentence(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, text, said = UNREADABLE[name]
    path = tmp_path / file
    path.parent.mkdir(parents=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    assert main([str(tmp_path)]) == 2
    shown = capsys.readouterr().err
    assert said in shown
    for part in ("where: ", "expected: ", "next: "):
        assert part in shown


@pytest.mark.parametrize("key", ["nobody.knows", "usa.mfn.x", "zzz.mfn.1", "9903.xx", ""])
def test_a_key_that_is_none_of_ours_is_a_difference(
    key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "x.csv").write_text(f"key,on,rate\n{key},2024-03-01,0.2\n", "utf-8")
    assert main([str(tmp_path)]) == 1
    assert "ours None" in capsys.readouterr().out


def test_headings_and_lines_of_rules_are_read(tmp_path: Path) -> None:
    """A line whose ten-digit codes differ, or whose rate is no plain one, is not compared."""
    root = tmp_path / "us" / "policies" / "usitc" / "us-tariff-duty"
    (root / "overlays" / "ieepa").mkdir(parents=True)
    (root / "overlays" / "ieepa" / "china-9903-01-24.yaml").write_text(HEADING, "utf-8")
    (root / "lines" / "generated").mkdir(parents=True)
    (root / "lines" / "generated" / "ch85.yaml").write_text(LINES, "utf-8")
    points = [(p.key, str(p.theirs), str(p.on)) for p in rulespec_us(tmp_path, Random(1))]
    assert points == [
        ("9903.01.24", "0.10", "2026-02-15"),
        ("usa.mfn.85287264", "0.039", "2026-07-24"),
    ]


def test_standard_rates_of_countries_are_read_with_the_first_days_of_both(tmp_path: Path) -> None:
    (tmp_path / "vat_rates.csv").write_text(
        "start_date,stop_date,territory_codes,currency_code,rate,rate_type,description\n"
        "2007-01-01,2020-07-01,DE,EUR,0.19,standard,\n2020-07-01,,DE,EUR,0.16,standard,\n"
        "2007-01-01,,DE,EUR,0.07,reduced,\n2007-01-01,,AI,XCD,0,standard,\n",
        "utf-8",
    )
    points = {str(p.on): str(p.theirs) for p in vat_rates(tmp_path, Random(1))}
    assert points["2020-07-01"] == "0.16"
    assert points["2021-01-01"] == "0.16", "our own next rate begins on this day"
