"""Costs, weights and refund rates that stand in a ledger are the study's: planted figures, in every
way in which a firm may have written them, come back as they were planted, or are said."""

import random
import tomllib
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import offing
from cautions import keyed
from offing.api.begin import BeginAnswer

COST = {"A1": 1450.0, "B2": 610.0}
PRICE_USD = {"A1": 310.0, "B2": 129.0}
KG = {"A1": 61.5, "B2": 22.25}
M3 = {"A1": 0.52, "B2": 0.18}
CODE = {"A1": "8528724000", "B2": "8528591000"}
CNY = 7.0
"""What the sheets with costs in dollars were made with."""


def begun(
    folder: Path, columns: dict[str, str], seed: int = 1
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The models of a study begun from a planted ledger, and the cautions.

    Args:
        columns: heading → which figure, ``cost``, ``cost_usd``, ``kg``, ``m3`` or a text as it is,
            with ``*`` behind it where it is of the whole line.
    """
    draw = random.Random(1)
    lines = [f"Date,Market,HS code,Model,Quantity,Unit price,Amount,Currency,{','.join(columns)}"]
    for number in range(40):
        name = draw.choice(["A1", "B2"])
        sold = draw.randint(20, 900)
        price = PRICE_USD[name] * draw.uniform(0.95, 1.05)
        known = {"cost": COST[name], "cost_usd": COST[name] / CNY, "kg": KG[name], "m3": M3[name]}
        known |= {"dozen_kg": KG[name] * 12, "litres": M3[name] * 1000}
        known |= {"tonnes": KG[name] / 1000, "cost_thousand": COST[name] / 1000}
        cells = []
        for what in columns.values():
            value = known.get(what.removesuffix("*"), what)
            times = sold if what.endswith("*") else 1
            cells.append(f"{value * times:.6f}" if isinstance(value, float) else value)
        day = f"2025-{number % 9 + 1:02d}-{number % 27 + 1:02d}"
        plain = [day, "Germany", CODE[name], name, str(sold), f"{price:.2f}"]
        lines.append(",".join([*plain, f"{sold * round(price, 2):.2f}", "USD", *cells]))
    ledger = folder / "ledger.csv"
    ledger.write_text("\n".join(lines) + "\n", encoding="utf-8")
    answer = offing.begin(ledger, folder / "study")
    models = tomllib.loads(answer.file.read_text("utf-8"))["model"]
    return {model["name"]: model for model in models}, dict(keyed(answer.cautions))


@pytest.mark.parametrize(
    ("heading", "what"),
    [
        ("成本(元/台)", "cost"),
        ("成本金额(元)", "cost*"),
        ("Unit cost (CNY)", "cost"),
        ("成本(千元/台)", "cost_thousand"),
    ],
)
def test_a_cost_in_yuan(heading: str, what: str, tmp_path: Path) -> None:
    models, cautions = begun(tmp_path, {heading: what})
    assert {name: model["cost_cny"] for name, model in models.items()} == COST
    assert cautions["begin.cost_taken"] == {"column": heading}


@pytest.mark.parametrize(
    ("heading", "what"), [("Unit cost (USD)", "cost_usd"), ("Total cost (USD)", "cost_usd*")]
)
def test_a_cost_in_the_invoices_money(heading: str, what: str, tmp_path: Path) -> None:
    """At the rates of the sales' days: the ECB's yuan stood between 7.0 and 7.4 in 2025."""
    models, _ = begun(tmp_path, {heading: what})
    for name, model in models.items():
        assert 1.0 < model["cost_cny"] / COST[name] < 7.4 / CNY


@pytest.mark.parametrize(
    ("headings", "per"),
    [
        ({"总毛重(千克)": "kg*", "总体积": "m3*"}, "line"),
        ({"单件毛重": "kg", "总体积": "m3*"}, "both"),
        ({"Gross weight (kg/dozen)": "dozen_kg", "CBM per unit": "m3"}, "unit"),
        ({"单件毛重(吨)": "tonnes", "CBM per unit": "m3"}, "unit"),
        ({"单件毛重": "kg", "单件体积(升)": "litres"}, "litres"),
    ],
)
def test_weights_and_volumes(headings: dict[str, str], per: str, tmp_path: Path) -> None:
    models, cautions = begun(tmp_path, headings)
    assert {name: model["kg"] for name, model in models.items()} == KG, per
    assert {name: model["m3"] for name, model in models.items()} == M3, per
    assert not any(key.startswith("begin.column") for key in cautions)


@pytest.mark.parametrize("heading", ["退税率", "退税率(%)", "Refund rate"])
@pytest.mark.parametrize("rate", ["13%", "13"])
def test_a_refund_rate_as_it_is_written(heading: str, rate: str, tmp_path: Path) -> None:
    models, _ = begun(tmp_path, {heading: rate})
    assert {model["refund_rate"] for model in models.values()} == {0.13}


SALES = "Date,Market,HS,Model,Quantity,Amount,Currency"
LINE = "2025-03-0{day},Germany,852872,{model},{quantity},{amount},USD,{last}\n"


def written(folder: Path, heading: str, *lines: tuple[int, str, int, str]) -> BeginAnswer:
    """A study begun from a ledger of lines: day, model, quantity and the cell of the heading."""
    ledger = folder / "l.csv"
    rows = [
        LINE.format(day=day, model=model, quantity=quantity, amount=310 * quantity, last=last)
        for day, model, quantity, last in lines
    ]
    ledger.write_text(f"{SALES},{heading}\n{''.join(rows)}", "utf-8")
    return offing.begin(ledger, folder / "s")


def test_shares_and_rates_per_cent_are_not_mixed(tmp_path: Path) -> None:
    answer = written(tmp_path, "退税率", (1, "A", 10, "13"), (2, "B", 20, "0.13"))
    assert "begin.column_unread" in dict(keyed(answer.cautions))


def test_the_mean_is_of_units_and_of_what_was_sold(tmp_path: Path) -> None:
    """(100 × 1,000 + 300 × 1,100.02) ÷ 400 = 1,075.015, of an even half 1,075.01 or .02."""
    lines = (1, "A", 100, "1000"), (2, "A", 300, "1100.02"), (3, "B", -5, "900"), (4, "B", 9, "")
    answer = written(tmp_path, "单位成本(元)", *lines)
    costs = {shown.model.name: shown.model.cost_cny for shown in answer.found.shown}
    assert float(costs["A"] or 0) == pytest.approx(1075.015, abs=0.0051)
    assert len(str(costs["A"]).partition(".")[2]) == 2
    assert costs["B"] is None


def test_lines_that_came_back_and_bad_cells(tmp_path: Path) -> None:
    ledger = tmp_path / "l.csv"
    ledger.write_text(
        "Date,Market,HS,Model,Quantity,Amount,Currency,总毛重(kg)\n"
        "2025-03-01,Germany,852872,A1,100,31000,USD,6150\n"
        "2025-03-02,Germany,852872,A1,-10,-3100,USD,-615\n"
        "2025-03-03,Germany,852872,A1,20,6200,USD,n/a\n"
        "2025-03-04,Germany,852872,A1,50,15500,USD,3075\n",
        "utf-8",
    )
    answer = offing.begin(ledger, tmp_path / "s")
    assert answer.found.shown[0].model.kg == pytest.approx(61.5)


def test_rates_that_change_within_a_model_are_asked(tmp_path: Path) -> None:
    """And one that stands in a single line is taken; 0 is a rate, and none is none."""
    lines = (1, "A", 10, "13%"), (2, "A", 20, "9%"), (3, "B", 10, "9%"), (4, "C", 10, "")
    answer = written(tmp_path, "退税率", *lines, (5, "D", 10, "0"))
    rates = {shown.model.name: shown.model.refund_rate for shown in answer.found.shown}
    assert {name: rate and str(rate) for name, rate in rates.items()} == {
        "A": None, "B": "0.09", "C": None, "D": rates["D"],
    }  # fmt: skip
    assert rates["D"] == 0


def test_a_rate_that_the_law_has_otherwise_is_said(tmp_path: Path) -> None:
    """Of profiles of aluminium the refund was cancelled on 1 December 2024 (2024 No. 15)."""
    ledger = tmp_path / "l.csv"
    ledger.write_text(
        "Date,Market,HS,Model,Quantity,Amount,Currency,退税率\n"
        "2025-03-01,Germany,7604291010,bar,100,31000,USD,13%\n",
        "utf-8",
    )
    answer = offing.begin(ledger, tmp_path / "s")
    assert dict(keyed(answer.cautions))["begin.refund_against"]["said"] == "13%"
    assert "refund_rate" not in answer.to_fill, "no rate is asked where the law has none"


def workbook(folder: Path, *headings: str) -> BeginAnswer:
    """A study begun from a workbook with a sheet a year, the last heading of each its own."""
    book = openpyxl.Workbook()
    for number, heading in enumerate(headings):
        sheet = book.create_sheet(f"202{4 + number}") if number else book.active
        sheet.append([*SALES.split(","), heading])
        for month in range(1, 6 if number else 10):
            sold, cost = 10 * month, 1000 + 100 * number
            day = f"202{4 + number}-0{month}-03"
            sheet.append([day, "Germany", "852872", "A", sold, 310 * sold, "USD", cost])
    book.save(folder / "l.xlsx")
    return offing.begin(folder / "l.xlsx", folder / "s")


@pytest.mark.parametrize(
    ("heading", "what", "key"),
    [
        ("成本(元)", "cost", "begin.column_of_line"),
        ("毛重(kg)", "kg*", "begin.column_of_line"),
        ("单位成本", "cost", "begin.column_money"),
        ("含税成本", "cost", "begin.column_with_tax"),
        ("单位成本(万元)", "cost", "begin.column_money"),
        ("单位成本(USD)", "cost", "begin.column_money"),
        ("Unit cost (EUR)", "cost", "begin.column_money"),
        ("成本(元/kg)", "cost", "begin.column_unread"),
        ("体积(箱)", "m3", "begin.column_unread"),
        ("毛重(kg/打)", "dozen_kg", "begin.column_unread"),
        ("退税率", "130", "begin.column_unread"),
        ("退税率", "17.5%", "begin.column_unread"),
    ],
)
def test_what_is_not_plain_is_said_and_not_taken(
    heading: str, what: str, key: str, tmp_path: Path
) -> None:
    models, cautions = begun(tmp_path, {heading: what})
    assert cautions[key] == {"column": heading}
    assert not any({"cost_cny", "kg", "m3", "refund_rate"} & {*model} for model in models.values())


@pytest.mark.parametrize("heading", ["净重(千克)", "Buyer", "Container", "Margin"])
def test_other_columns_are_none_of_them(heading: str, tmp_path: Path) -> None:
    models, cautions = begun(tmp_path, {heading: "kg"})
    assert not any("kg" in model for model in models.values())
    assert not any(key.startswith(("begin.column", "begin.cost")) for key in cautions)


def test_an_invoice_in_yuan_and_a_cost_without_its_money(tmp_path: Path) -> None:
    """Both moneys are the yuan: there is nothing to ask."""
    ledger = tmp_path / "l.csv"
    ledger.write_text(
        f"{SALES},单位成本\n2025-03-01,Germany,852872,A,10,15000,CNY,1100\n"
        "2025-03-02,Germany,852872,A,30,45000,CNY,1100\n",
        "utf-8",
    )
    answer = offing.begin(ledger, tmp_path / "s")
    assert answer.found.shown[0].model.cost_cny == 1100


def test_a_cost_whose_money_is_named_needs_no_price(tmp_path: Path) -> None:
    """Of a currency without a rate nothing can be compared: what the heading says is taken."""
    ledger = tmp_path / "l.csv"
    ledger.write_text(
        f"{SALES},单位成本(元)\n2025-03-01,Germany,852872,A,10,15000,KPW,1100\n", "utf-8"
    )
    answer = offing.begin(ledger, tmp_path / "s")
    assert answer.found.shown[0].model.cost_cny == 1100


def test_of_a_sheet_a_year_each_line_has_its_own_row(tmp_path: Path) -> None:
    """Since May 2024 300 pieces at 1,000 and 150 at 1,100: of rows with the same numbers."""
    answer = workbook(tmp_path, "单位成本(元)", "单位成本(元)")
    cost = answer.found.shown[0].model.cost_cny
    assert float(cost or 0) == pytest.approx((300 * 1000 + 150 * 1100) / 450, abs=0.01)


def test_a_heading_that_one_sheet_has_otherwise_is_left(tmp_path: Path) -> None:
    answer = workbook(tmp_path, "单位成本(元)", "单位成本(美元)")
    assert answer.found.shown[0].model.cost_cny is None
    assert "cost_cny" in answer.to_fill


@pytest.mark.parametrize(
    ("cost", "expected"), [("540", 45.0), ("45", 45.0), ("160", None)], ids=("dozen", "piece", "?")
)
def test_a_cost_beside_a_dozen_is_of_the_dozen_or_of_a_piece(
    cost: str, expected: float | None, tmp_path: Path
) -> None:
    """The price of a piece is about 72 yuan: 45 is 63 % of it, 160 nobody can place."""
    lines = "2025-03-15,美国,6203424500,D1,30,打,3600,USD,{0}\n2025-03-16,美国,6203424500,{1}\n"
    for other in ("D1,900,件,9000,USD,45", "D2,90,打,10800,USD,540"):
        ledger = tmp_path / "l.csv"
        heading = "日期,国别,税号,货号,数量,单位,总价,币种,单位成本(元)\n"
        ledger.write_text(heading + lines.format(cost, other), "utf-8")
        answer = offing.begin(ledger, tmp_path / other[:6])
        models = {
            one["name"]: one for one in tomllib.loads(answer.file.read_text("utf-8"))["model"]
        }
        assert models["D1"].get("cost_cny") == (expected or (45.0 if "D1" in other else None))
        assert ("begin.column_of_piece" in dict(keyed(answer.cautions))) is (expected is None)
