"""A study is begun from a ledger: its folder, what waits to be filled in, and that it then runs."""

import re
import tomllib
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import Workbook

import offing
from cautions import keyed
from offing.api.begin import read_figures
from offing.cli.app import run
from offing.report.views.ledger import models_of
from offing.sources.rate_library import MEMORY
from offing.study.file import codes_of_goods, read_study
from offing.terms.errors import InputError
from shared_data import ROOT

LEDGER = ROOT / "tests" / "museum" / "studies" / "tv-maker" / "ledger.csv"
HEADINGS = "Date,Market,HS,Model,Quantity,Amount,Currency\n"
FIGURES = {
    "name": '"Lu"', "city": '"Qingdao"', "cost_cny": "400", "input_vat_cny": "40", "kg": "20",
    "m3": "0.15", "hours": "90000", "refund_rate": "0.13", "shipment_units": "300",
    "inland_usd_per_m3": "6.5", "export_clearance_usd": "150", "freight_usd_per_m3_fixed": "14",
    "freight_usd_per_m3_1000km": "2.1",
}  # fmt: skip


def filled(file: Path, leave: tuple[str, ...] = ()) -> None:
    """The firm's figures in the place of the marks."""
    text = file.read_text("utf-8")

    def figure(found: re.Match[str]) -> str:
        name = found[1]
        return found[0] if name in leave else f"{name} = {FIGURES[name]}"

    file.write_text(re.sub(r"^#\? (\w+) =", figure, text, flags=re.MULTILINE), "utf-8")


def test_what_is_begun_runs_once_it_is_filled_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "mine"
    assert run(["begin", str(LEDGER), str(folder), "--lang", "en"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert f"{folder / 'study.toml'} is written, with the ledger beside it." in out
    assert "offing run" in out
    assert (folder / "ledger.csv").read_bytes() == LEDGER.read_bytes()
    assert run(["run", str(folder), "--out", str(tmp_path / "out"), "--lang", "en"]) == 2
    error = " ".join(capsys.readouterr().err.split())
    assert "The study does not have: [firm], Name of the firm (name), City" in error
    assert "[[model]] 1, Cost of one unit, CNY, without VAT (cost_cny)" in error
    assert "offing serve" in error
    filled(folder / "study.toml")
    study = read_study(folder / "study.toml")
    assert {model.key for model in study.model} >= {"HC-55Q", "HC-65M"}
    assert run(["plan", str(folder), "--lang", "en"]) == 0
    assert "65" in capsys.readouterr().out


def test_how_the_ledger_is_read_stands_in_the_study(tmp_path: Path) -> None:
    ledger = tmp_path / "sales.csv"
    ledger.write_text(
        "Day,Ship to,HS,Style,Pieces,Worth\n03/05/2024,Germany,852872,T1,10,1000\n"
        "04/06/2024,Germany,852872,T1,10,1200\n"
    )
    made = offing.begin(
        ledger, tmp_path / "s", column=["market=Ship to", "amount=Worth"], currency="USD",
        dates="day-first",
    )  # fmt: skip
    read = tomllib.loads(made.file.read_text("utf-8"))["ledger"]
    assert read == {
        "file": "sales.csv",
        "columns": {"market": "Ship to", "amount": "Worth"},
        "currency": "USD",
        "dates": "day-first",
        "keep_prices": True,
    }
    filled(made.file)
    assert read_study(made.file).ledger is not None


def test_a_ledger_in_yuan_under_dollars_is_asked_about(tmp_path: Path) -> None:
    """Sets at 700 dollars are dear; at 5,000 all over the world they are in yuan."""
    for factor, asked in ((1, False), (7.1, True)):
        file = tmp_path / f"ledger-{factor}.csv"
        prices = {"United States": 700, "Canada": 643, "Mexico": 761, "Korea": 744}
        rows = [
            f"2024-05-0{n + 1},{market},852872,A,100,{100 * price * factor:.0f},USD\n"
            for n, (market, price) in enumerate(prices.items())
        ]
        file.write_text(HEADINGS + "".join(rows), "utf-8")
        keys = {key for key, _ in keyed(offing.begin(file, tmp_path / f"study-{factor}").cautions)}
        assert ("book.warn_yuan" in keys) is asked
        assert ("book.warn_yuan" in {note.key for note in offing.book(file).notes}) is asked


def test_the_prices_of_a_begun_study_hold_where_the_ledger_has_them(tmp_path: Path) -> None:
    """Nobody asked for another price: Germany pays 300 and Japan 500, the mean asks for neither."""
    ledger = tmp_path / "l.csv"
    lines = [f"2024-{m:02}-03,{c},852872,A,10,{p},USD" for m in (4, 5, 6)
             for c, p in (("DE", 3000), ("JP", 5000))]  # fmt: skip
    ledger.write_text(HEADINGS + "\n".join(lines) + "\n")
    begun = offing.begin(ledger, tmp_path / "mine")
    filled(begun.file)
    assert not offing.plan(tmp_path / "mine").planned.decided.asked
    text = begun.file.read_text("utf-8")
    begun.file.write_text(text.replace("keep_prices = true", "keep_prices = false"))
    assert offing.plan(tmp_path / "mine").planned.decided.asked


OF_MODELS = "Date,Country,Model,Description,Qty,Amount USD\n" + "".join(
    f"2024-{month:02}-05,{land},{name},{words},10,{usd}\n"
    for month in range(1, 7)
    for land in ("Germany", "Japan")
    for name, words, usd in (("P1", "Pump", 900), ("V2", "Valve", 90), ("S", "Design work", 10))
)


def of_models(folder: Path) -> Path:
    (folder / "sales.csv").write_text(OF_MODELS, "utf-8")
    return folder / "sales.csv"


def table_of(folder: Path, text: str, name: str = "models.csv") -> Path:
    (folder / name).write_text(text, "utf-8")
    return folder / name


def test_a_ledger_of_models_asks_their_codes_and_a_table_says_them(tmp_path: Path) -> None:
    ledger = of_models(tmp_path)
    with pytest.raises(InputError) as caught:
        offing.begin(ledger, tmp_path / "none")
    assert caught.value.key == "begin.which_codes"
    assert caught.value.values["names"] == "P1, V2, S"
    table = table_of(
        tmp_path, "Model,HS code,Cost,kg\np1,8413.70,520,4\nV2,848180,300,2\nQ,84,1,1\n"
    )
    begun = offing.begin(ledger, tmp_path / "study", figures=table)
    pump, valve = begun.found.shown
    assert (pump.model.name, pump.codes, pump.model.cost_cny) == ("P1", ("841370",), Decimal(520))
    assert (valve.model.name, valve.codes, valve.model.kg) == ("V2", ("848180",), Decimal(2))
    assert begun.found.share == pytest.approx(0.99)
    assert "S" in begun.found.left_out, "a service without a code is named"
    assert ("begin.figures_unknown", {"names": "Q"}) in keyed(begun.cautions)
    filled(begun.file)
    study = read_study(begun.file)
    assert "codes" not in tomllib.loads(begun.file.read_text("utf-8"))["ledger"]
    assert study.model[0].cost_cny == 520


@pytest.mark.parametrize(
    ("rows", "key"),
    [
        ("P1,520\np1,530", "begin.model_twice"),
        ("P1,=B2*7", "refund.not_computed"),
        ("P1,-5", "refund.below_nought"),
        ("P1,0", "begin.figure_nought"),
    ],
)
def test_a_table_of_models_that_cannot_be_read_is_refused(
    tmp_path: Path, rows: str, key: str
) -> None:
    table = table_of(tmp_path, f"Model,Cost\n{rows}\n")
    with pytest.raises(InputError) as caught:
        offing.begin(LEDGER, tmp_path / "study", figures=table)
    assert caught.value.key == key
    assert not (tmp_path / "study").exists()


@pytest.mark.parametrize(
    ("heading", "cell", "m3"),
    [
        ("volume (cu ft)", "2", "0.056633693184"),
        ("volume_ft3", "2", "0.056633693184"),
        ("体积(升)", "45", "0.045"),
        ("体积(立方分米)", "45", "0.045"),
        ("体积（cm³）", "45000", "0.045"),
        ("体积(m³/台)", "0.045", "0.045"),
        ("cbm", "0.045", "0.045"),
        ("体积(箱)", "0.045", "begin.figures_unit"),
        ("体积(m3/打)", "0.54", "begin.figures_unit"),
        ("体积", "45", "landed.density"),
    ],
)
def test_a_volume_of_a_table_of_models_is_in_the_unit_of_its_heading(
    tmp_path: Path, heading: str, cell: str, m3: str
) -> None:
    table = table_of(tmp_path, f"Model,Weight,{heading}\nP1,11.5,{cell}\n")
    if "." in m3 and m3[0] == "0":
        assert read_figures(table)["p1"].m3 == Decimal(m3)
        return
    with pytest.raises(InputError) as caught:
        read_figures(table)
    assert caught.value.key == m3


@pytest.mark.parametrize("cell", ["11.5kg", "?"])
def test_a_weight_that_is_none_is_said_to_be_no_number(tmp_path: Path, cell: str) -> None:
    with pytest.raises(InputError, match="is not a number"):
        read_figures(table_of(tmp_path, f"Model,kg\nP1,{cell}\n"))


@pytest.mark.parametrize(
    ("headings", "cost"),
    [
        ("单位成本（含税）", None),
        ("unit cost incl. VAT", None),
        ("unit cost with VAT", None),
        ("含税成本", None),
        ("单位成本(含增值税)", None),
        ("成本(不含税)", 520),
        ("unit cost without VAT", 520),
        ("单位成本,含税成本", 520),
    ],
)
def test_a_cost_with_tax_is_no_cost_of_a_table_of_models(
    tmp_path: Path, headings: str, cost: int | None
) -> None:
    cells = ",".join(["520", "588"][: headings.count(",") + 1])
    table = table_of(tmp_path, f"Model,HS,{headings}\nP1,841370,{cells}\n")
    if cost is not None:
        assert read_figures(table)["p1"].cost_cny == cost
        return
    with pytest.raises(InputError) as caught:
        read_figures(table)
    assert caught.value.key == "begin.figures_with_tax"


def test_one_name_of_two_goods_and_a_code_that_ended_are_said(tmp_path: Path) -> None:
    lines = "".join(
        f"2024-0{month}-05,DEU,{code},{name},10,300,USD\n"
        for month in range(1, 7)
        for code, name in (("841370", "A"), ("848180", "A"), ("851712", "B"))
    )
    ledger = table_of(tmp_path, HEADINGS + lines, "sales.csv")
    said = dict(keyed(offing.begin(ledger, tmp_path / "study").cautions))
    assert said["begin.one_name"]["codes"] == "841370, 848180"
    assert "851713, 851714" in said["begin.code_ended"]["said"]


SALE = "2026-0{}-05,Germany,{},{},10,{},USD"


@pytest.mark.parametrize(
    ("headings", "rows", "key", "row"),
    [
        (HEADINGS.replace("Model", "服务项目"),
         [SALE.format(n, "", "设计服务", 100) for n in (1, 2)], "begin.services", None),
        (HEADINGS, [SALE.format(n, "732393", "P1", "x") for n in (1, 2)],
         "begin.mostly_bad", 2),
    ],
)  # fmt: skip
def test_a_ledger_no_study_can_begin_from_says_where_and_why(
    tmp_path: Path, headings: str, rows: list[str], key: str, row: int | None
) -> None:
    file = tmp_path / "ledger.csv"
    file.write_text(headings + "\n".join(rows), "utf-8")
    with pytest.raises(InputError) as refused:
        offing.begin(file, tmp_path / "mine")
    assert (refused.value.key, refused.value.where and refused.value.where.row) == (key, row)
    assert refused.value.next_step


def test_a_formula_that_was_never_computed_is_refused_at_its_cell(tmp_path: Path) -> None:
    book = Workbook()
    for line in (HEADINGS.strip(), *(SALE.format(n, "732393", "P1", "=E2*5") for n in (1, 2))):
        book.active.append(line.split(","))
    book.save(file := tmp_path / "ledger.xlsx")
    with pytest.raises(InputError) as refused:
        offing.begin(file, tmp_path / "mine")
    where = refused.value.where
    assert refused.value.key == "refund.not_computed"
    assert where is not None
    assert (where.row, where.column) == (2, "Amount")


def test_what_is_no_sale_is_counted_and_its_world_is_fetched_before_it_is_filled(
    tmp_path: Path,
) -> None:
    file = tmp_path / "declared.csv"
    head = "海关编号,申报日期,进出口标志,状态,运抵国,商品编号,规格型号,成交数量,成交单位,总价,币制"
    row = "42012026{0:010},2026-0{0}-05,{1},{2},德国,7323930000,4|0|家用|巧厨牌|FS-24,10,个,99,美元"
    rows = [(1, "出口", ""), (2, "出口", "已结关"), (3, "进口", ""), (4, "出口", "删单")]
    file.write_text("\n".join([head, *(row.format(*one) for one in rows)]), "utf-8")
    answer = offing.begin(file, tmp_path / "mine")
    assert dict(keyed(answer.cautions))["begin.no_sales_of"]["count"] == 2
    assert [shown.model.name for shown in answer.found.shown] == ["巧厨牌 FS-24"]
    assert codes_of_goods(tmp_path / "mine") == {"732393"}


def test_a_rate_that_is_known_is_written_with_its_source(tmp_path: Path) -> None:
    """Lithium cells are in the rulebook by code and day; what is not known waits."""
    ledger = tmp_path / "sales.csv"
    rows = "2024-05-03,Germany,{code},{model},10,1000,USD\n"
    ledger.write_text(
        HEADINGS
        + rows.format(code="8507600090", model="cell")
        + rows.format(code="8528724000", model="set")
    )
    text = offing.begin(ledger, tmp_path / "s").file.read_text("utf-8")
    cell, tv = text.split('key = "cell"')[1], text.split('key = "set"')[1]
    assert re.search(r"^refund_rate = 0(\.\d+)? # .*8507600090", cell, re.MULTILINE)
    assert re.search(r"^#\? refund_rate = # .*8528724000", tv, re.MULTILINE)
    assert not (tmp_path / MEMORY).exists()


def test_a_figure_is_answered_by_the_name_that_begin_tells(tmp_path: Path) -> None:
    """Of several models by the key of one, in any case; a name that misses it is told all."""
    begun = offing.begin(LEDGER, tmp_path / "study")
    first, table = begun.found.shown[0], models_of(begun)
    assert [str(cell.text) for cell in table.rows[0]][3:5] == [
        f"{first.units:,.0f}", f"{first.model.price_usd} {first.term}",
    ]  # fmt: skip
    names = [name for name, _ in begun.called]
    assert {"city", "model.*.kg", "model.*.cost_cny"} <= {*names}
    keys = [model["key"] for model in tomllib.loads(begun.file.read_text("utf-8"))["model"]]
    answers = {f"model.{key.lower()}.kg": "12.5" for key in keys[1:]}
    more = offing.begin(LEDGER, tmp_path / "more", answer={**answers, "city": "Qingdao"})
    assert begun.to_fill.count("kg") == len(keys)
    assert more.to_fill.count("kg") == 1
    assert f"model.{keys[0]}.kg" in [name for name, _ in more.called]
    assert more.file.read_text("utf-8").count("kg = 12.5") == len(keys) - 1
    every = offing.begin(LEDGER, tmp_path / "every", answer={"model.*.kg": "12.5"})
    assert (every.to_fill.count("kg"), every.file.read_text("utf-8").count("kg = 12.5")) == (
        0,
        len(keys),
    )
    with pytest.raises(InputError) as caught:
        offing.begin(LEDGER, tmp_path / "other", answer={f"model.{keys[0]}.*.kg": "1"})
    assert (caught.value.key, (tmp_path / "other").exists()) == ("errors.unknown_name", False)
    for name in ("kg", "model.kg", f"{keys[0]}.kg", "model.none.kg"):
        with pytest.raises(InputError) as caught:
            offing.begin(LEDGER, tmp_path / "other", answer={name: "1"})
        assert f"model.{keys[0]}.kg".lower() in str(caught.value).lower()
