"""A table by months: sums from January on, a month that lacks, two currencies."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

import offing
from cautions import keyed
from offing.api.province import ProvinceAnswer
from offing.cli.app import run
from offing.report.blocks import Callout, Text
from offing.report.views import view_of
from offing.sources.lines_of_months import lacking_months
from offing.terms.caution import Caution
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


def test_right_months_pass_without_a_caution() -> None:
    answer = asked(table())
    assert answer.standing.total("now") == 12 * 6 * 1000
    said = [block.text for block in view_of(answer) if isinstance(block, Callout)]
    assert [one for one in said if "month" in one] == []


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


def test_a_month_that_lacks_counts_in_neither_year() -> None:
    answer = asked(table(*(one for one in months() if one != "202306")))
    made = answer.standing
    assert made.lacking == ((2023, 6),)
    assert made.total("now") == made.total("before") == 11 * 6 * 1000
    assert made.full == (2024,)
    assert "province.lacking" in [key for key, _ in keyed(answer.cautions)]


def test_months_that_are_few_or_told_as_one_do_not_lack() -> None:
    no_january = table(*(one for one in months() if one[4:] != "01"))
    assert asked(no_january).standing.lacking == ()
    days = pl.Series([date(2023, 1, 31), date(2023, 4, 30), date(2023, 5, 31), date(2024, 1, 31)])
    assert lacking_months(days) == ()
    quarters = table(*(one for one in months() if one[4:] in ("03", "06", "09", "12")))
    assert asked(quarters).standing.lacking == ()


def test_of_two_currencies_it_is_said_which_is_read() -> None:
    both = table().with_columns(人民币=pl.col("美元") * 7)
    answer = asked(both)
    assert answer.standing.total("now") == 12 * 6 * 1000
    (note,) = (note for note in answer.notes if note.key == "sources.note_two_moneys")
    assert (note.values["taken"], note.values["others"]) == ("美元", "人民币")
    named = asked(both, column={"amount": "人民币"})
    assert "sources.note_two_moneys" not in [note.key for note in named.notes]
    assert Caution("province.from_money", {"currencies": "CNY"}) in named.cautions
    plain = [block for block in view_of(answer) if isinstance(block, Text)]
    assert any("美元" in text for block in plain for text in block.sentences)


def test_first_days_of_all_months_are_the_months() -> None:
    """As pandas writes months; December would else be one that has only begun."""
    first = table().with_columns(pl.col("数据年月").str.to_date("%Y%m"))
    made = asked(first)
    assert made.standing.total("now") == 12 * 6 * 1000
    assert made.standing.full == (2023, 2024)
    assert "reference.first_days" in [note.key for note in made.notes]
    with pytest.raises(InputError) as refused:
        asked(table(cumulated=True).with_columns(pl.col("数据年月").str.to_date("%Y%m")))
    assert refused.value.key == "sources.looks_cumulated"
    other = first.with_columns(
        pl.when(pl.col("贸易伙伴名称") == "DEU").then(pl.col("数据年月").dt.offset_by("3d"))
        .otherwise("数据年月").alias("数据年月")
    )  # fmt: skip
    assert "reference.first_days" not in [note.key for note in asked(other).notes]
