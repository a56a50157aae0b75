"""A table by months: sums from January on, a month that lacks, two currencies."""

from pathlib import Path

import polars as pl
import pytest

import offing
from offing.api.province import ProvinceAnswer
from offing.cli.app import run
from offing.terms.errors import InputError

MARKETS = ("DEU", "FRA", "JPN", "USA", "VNM", "MEX")


def months(first: int = 2023, last: int = 2024) -> list[str]:
    return [f"{year}{month:02d}" for year in range(first, last + 1) for month in range(1, 13)]


def table(*which: str, cumulated: bool = False) -> pl.DataFrame:
    """Exports of a thousand dollars and ten pieces a month and market, or their sums so far."""
    rows = [
        {
            "数据年月": one, "商品编码": "852872", "贸易伙伴名称": market,
            "第一数量": 10 * (int(one[4:]) if cumulated else 1), "第一计量单位": "台",
            "美元": 1000 * (int(one[4:]) if cumulated else 1),
        }
        for one in which or months() for market in MARKETS
    ]  # fmt: skip
    return pl.DataFrame(rows)


def asked(rows: pl.DataFrame, **given: object) -> ProvinceAnswer:
    return offing.province(rows, ahead=0, **given)  # type: ignore[arg-type]


def test_sums_from_january_on_are_asked_about_and_become_months(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sums = table(cumulated=True)
    with pytest.raises(InputError) as refused:
        asked(sums)
    assert refused.value.key == "sources.looks_cumulated"
    made = asked(sums, cumulated=True)
    plain = asked(table())
    assert made.standing.total("now") == plain.standing.total("now")
    assert made.standing.cells["units_now"].sum() == plain.standing.cells["units_now"].sum()
    assert made.standing.full == plain.standing.full
    taken = asked(sums, cumulated=False)
    assert taken.standing.total("now") == 78 * 6 * 1000
    file = tmp_path / "sums.csv"
    sums.write_csv(file)
    for line, code in (([], 2), (["--cumulated"], 0), (["--no-cumulated"], 0)):
        assert run(["province", str(file), "--ahead", "0", "--lang", "en", *line]) == code
    assert "--no-cumulated" in capsys.readouterr().err


def test_a_sum_after_a_month_that_lacks_has_both() -> None:
    """Only December's sums: they are the year."""
    december = table("202312", "202412", cumulated=True)
    made = asked(december, cumulated=True).standing
    assert made.total("now") == made.total("before") == 12 * 6 * 1000
    assert made.full == (2023, 2024)
