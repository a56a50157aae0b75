"""A province planted in China's trade: known shares, prices and years ahead; what it is asked."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

import offing
from offing.report.blocks import Table
from offing.report.views.province import view
from offing.sources.ledger import read_ledger
from offing.terms.errors import InputError
from offing.terms.numbers import NOTHING, percent
from offing.warehouse import Warehouse

DAY = date(2026, 11, 27)
SHARE, DEARER = 0.1, 1.25


def planted(years: tuple[int, ...] = (2023, 2024), *, product: str = "8507") -> pl.DataFrame:
    """A tenth of China's exports to each market but the United States, a quarter dearer."""
    flows = Warehouse.open(None).flows(product)
    mine = flows.filter(
        (pl.col("exporter") == "CHN")
        & pl.col("year").is_in(years)
        & (pl.col("importer") != "USA")
        & (pl.col("kg") > 0)
    )
    return mine.select(
        pl.format("{}12", "year").alias("数据年月"),
        pl.lit(product).alias("商品编码"),
        pl.col("importer").alias("贸易伙伴名称"),
        (pl.col("kg") * SHARE / DEARER).round(6).alias("第一数量"),
        pl.lit("千克").alias("第一计量单位"),
        (pl.col("value_usd") * SHARE).round(6).alias("美元"),
    )


def monthly(rows: pl.DataFrame) -> pl.DataFrame:
    """The same with a twelfth in each month, so that years are whole."""
    parts = [
        rows.with_columns(
            pl.col("数据年月").str.slice(0, 4) + f"{month:02d}", pl.col("第一数量", "美元") / 12
        )
        for month in range(1, 13)
    ]
    return pl.concat(parts)


def test_shares_prices_and_years_ahead_are_those_planted() -> None:
    answer = offing.province(monthly(planted()), ahead=1, on=DAY)
    assert answer.share_year == 2024
    here = answer.beside.filter(pl.col("sold") > 0)
    assert here.height > 10
    assert here["share"].to_list() == pytest.approx([SHARE] * here.height, rel=1e-6)
    # China's unit value is of the flows whose weight is known, the province's of the same
    assert here["price_beside"].median() == pytest.approx(DEARER, rel=1e-6)
    country = offing.outlook("8507", "China", on=DAY).rows
    assert country is not None
    assert set(answer.outlook["year"]) == {DAY.year + 2}  # the usual horizon, from the day
    both = answer.outlook.join(country, left_on="market", right_on="importer", suffix="_all")
    sold = both.filter(pl.col("today_usd") > 0)
    assert sold.height == here.height
    for mine, all_of_it in (
        ("today_usd", "base_usd"), ("expected_usd", "expected_usd_all"), ("low80", "low80_all"),
        ("high80", "high80_all"),
    ):  # fmt: skip
        expected = [SHARE * value for value in sold[all_of_it]]
        assert sold[mine].to_list() == pytest.approx(expected, rel=1e-6)
    assert sold["gain_usd"].to_list() == pytest.approx(
        (sold["expected_usd"] - sold["today_usd"]).to_list(), rel=1e-9
    )


def test_room_is_what_the_mean_share_would_bring() -> None:
    answer = offing.province(monthly(planted()), ahead=1, on=DAY)
    whole = answer.beside
    mean = float(whole["sold"].sum()) / float(whole["country"].sum())
    rows = answer.outlook.filter(pl.col("room_usd") > 0)
    assert "USA" in rows["market"].to_list()
    country = offing.outlook("8507", "China", on=DAY, market="USA").table
    room = rows.filter(pl.col("market") == "USA")["room_usd"].item()
    assert room == pytest.approx(mean * country["expected_usd"].item(), rel=1e-9)
    assert answer.outlook.filter(pl.col("share") > mean)["room_usd"].to_list() == [0.0] * (
        answer.outlook.height - rows.height
    )
    page = str(answer._repr_html_())
    assert "More at the mean share" in page, "what is sold more, not what is sold then"
    assert f", {percent(mean, 2)} (" in page


def test_rows_without_a_quantity_are_in_the_headline(tmp_path: Path) -> None:
    """A blank, a dash and a nought are no quantity: 310, then 1,510; a continent is a sum."""
    file = tmp_path / "exports.csv"
    file.write_text(
        "统计月份,商品编码,贸易伙伴名称,第一数量,第一计量单位,美元\n"
        "202312,85287200,德国,100,台,10\n202312,85287200,法国,,,300\n"
        "202412,85287200,德国,100,台,10\n202412,85287200,法国,,,400\n"
        "202412,85287200,意大利,-,-,500\n202412,85287200,波兰,0,台,600\n"
        "202412,85287200,欧洲,100,台,1510\n",
        "utf-8",
    )
    answer = offing.province(file, ahead=0)
    assert (answer.standing.total("before"), answer.standing.total("now")) == (310, 1510)
    assert answer.standing.total("unmeasured") == 100
    assert [key for key, *_ in answer.quarantined] == ["sources.group_of_countries"]
    assert answer.aside is not None
    assert answer.aside[:2] == (1510.0, "USD")
    assert answer.aside[2] == pytest.approx(1510 / 3330)
    assert "Rows with USD 1,510, 45% of the amounts" in " ".join(str(answer._repr_html_()).split())
    ledger = read_ledger(file)  # a firm's own line says how many
    assert ("reference.bad_quantity", 3, 3) in ledger.quarantined


def test_several_provinces_are_named_and_per_cents_are_no_amount(tmp_path: Path) -> None:
    file = tmp_path / "exports.csv"
    head = (
        "月份,商品编码,国别,注册地,数量,单位,{}（万美元）,1至本月累计金额（万美元）,金额同比（%）\n"
    )
    rows = "2024-01,8528,德国,山东省,9,台,1,1,8\n2024-02,8528,德国,浙江省,9,台,1,2,8\n"
    file.write_text(head.format("本月金额") + rows, "utf-8")
    answer = offing.province(file, ahead=0)
    assert answer.standing.total("now") == 20_000
    said = {note.key: note.values for note in answer.notes}
    assert said["province.several_places"] == {"names": "山东省, 浙江省"}
    file.write_text(head.format("当月进出") + rows, "utf-8")
    with pytest.raises(InputError) as refused:
        offing.province(file, ahead=0)
    assert refused.value.values["meant"] == ""
    with pytest.raises(InputError) as refused:
        offing.province(file, ahead=0, column=["amount=金额同比（%）"], currency="USD")
    assert refused.value.key == "reference.per_cents"


SUMS = {
    "reference.total_line": ("德国,852872,合计,山东省", "德国,852872,全部贸易方式,山东省"),
    "reference.adds_up": ("德国,852872,一般贸易,华东",),
    "sources.finer_codes": ("德国,8528,一般贸易,山东省", "德国,85,一般贸易,山东省"),
}


@pytest.mark.parametrize(("reason", "row"), [(why, one) for why in SUMS for one in SUMS[why]])
def test_rows_that_contain_others_are_left_out_once(tmp_path: Path, reason: str, row: str) -> None:
    file = tmp_path / "exports.csv"
    text = "年月,国别,商品编码,贸易方式,地区,数量,单位,美元\n"
    for month, more in (("202312", 0), ("202412", 10)):
        text += f"{month},德国,852872,一般贸易,山东省,3,台,{60 + more}\n"
        text += f"{month},德国,852872,进料加工贸易,浙江省,2,台,40\n"
        text += f"{month},{row},5,台,{100 + more}\n{month},日本,8528,合计,华东,5,台,7\n"
    file.write_text(text, "utf-8")
    answer = offing.province(file, ahead=0)
    assert (answer.standing.total("before"), answer.standing.total("now")) == (107, 117)
    assert answer.skipped == {reason: 2}, "a sum that stands alone counts"
    assert "reference.sums_of_more" not in {note.key for note in answer.notes}
    assert "reference.counted_again" in {note.key for note in read_ledger(file).notes}
    file.write_text(text.replace("台,110", "台,120"), "utf-8")
    found = {note.key for note in offing.province(file, ahead=0).notes}
    assert ("reference.sums_of_more" in found) == (reason != "reference.adds_up")


def test_a_year_beside_its_months_is_left_out(tmp_path: Path) -> None:
    file = tmp_path / "exports.csv"
    rows = "2024年11月,德国,1\n2024年12月,德国,2\n2024年,德国,3\n2024年,日本,4\n"
    text = "年月,国别,商品编码,数量,单位,美元\n" + rows.replace(",德国,", ",德国,8528,9,台,")
    file.write_text(text.replace(",日本,", ",日本,8528,9,台,"), "utf-8")
    answer = offing.province(file, ahead=0)
    assert answer.skipped == {"reference.months_too": 1}
    assert read_ledger(file).sales["amount"].sum() == 10, "a firm's rows are only pointed out"


def test_sums_from_january_on_of_values_alone(tmp_path: Path) -> None:
    """累计 of 1, 2, 3 and 4 is four months of 1; of rows in quarantine such sums are no amount."""
    file = tmp_path / "exports.csv"
    rows = "".join(
        f"8528,{country},{year}0{month},{month * (1 + year - 2024)}\n"
        for country in ("德国", "欧盟") for year in (2024, 2025) for month in (1, 2, 3, 4)
    )  # fmt: skip
    file.write_text("商品编码,贸易伙伴名称,年月,累计金额（万美元）\n" + rows, "utf-8")
    answer = offing.province(file, ahead=0)
    assert (answer.standing.total("before"), answer.standing.total("now")) == (40_000, 80_000)
    assert [(key, rows) for key, rows, _ in answer.quarantined] == [
        ("sources.group_of_countries", 8)
    ]
    assert answer.aside is None
    unsplit = answer.standing.cells.select("price", "quantity", "units_now").row(0)
    assert unsplit == (None, None, None), "without a quantity a change is not split"
    row = next(block for block in view(answer) if isinstance(block, Table)).rows[0]
    assert [getattr(cell, "text", cell) for cell in row][2:5] == ["+100%", NOTHING, NOTHING]


@pytest.mark.parametrize(("day", "span"), [("2024", "1y"), ("202412", "1mo")])
def test_yuan_of_a_year_or_a_month_take_its_mean_rate(tmp_path: Path, day: str, span: str) -> None:
    """Means of the ECB's daily rates of the dollar in yuan, and not the rate of 31 December."""
    file = tmp_path / "exports.csv"
    rows = "".join(f"{when},85287200,德国,100,台,7000\n" for when in (day.replace("24", "23"), day))
    file.write_text("年月,商品编码,国别,数量,单位,人民币\n" + rows, "utf-8")
    rates = Warehouse.open(None).table("fx_rates").with_columns(pl.col("per_eur").cast(float))
    both = rates.filter(currency="CNY").join(rates.filter(currency="USD"), on="on")
    of = both.filter(pl.col("on").dt.truncate(span) == date(2024, 1 if span == "1y" else 12, 1))
    mean = (of["per_eur"] / of["per_eur_right"]).mean()
    assert isinstance(mean, float)
    assert offing.province(file, ahead=0).standing.total("now") == pytest.approx(7000 / mean)


def test_what_came_back_is_no_share(tmp_path: Path) -> None:
    rows = planted().with_columns(
        pl.when(pl.col("贸易伙伴名称") == "DEU").then(-pl.col("第一数量", "美元"))
        .otherwise(pl.col("第一数量", "美元"))
    )  # fmt: skip
    beside = offing.province(monthly(rows), ahead=0, on=DAY).beside
    assert beside.filter(market="DEU")["share"].to_list() == [None]
    assert beside.filter(pl.col("sold") > 0)["share"].min() == pytest.approx(SHARE, rel=1e-6)
