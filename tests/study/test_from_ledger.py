"""The models of a first study are those of the ledger, and the file says what was said."""

import csv
import re
import tomllib
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautions import keyed
from offing.sources.ledger import look_at, read_ledger
from offing.study.examples import Example, copy_example, examples
from offing.study.file import read_study
from offing.study.inputs import StudyInputs, read_inputs
from offing.study.sales_history import unclaimed_sales
from offing.study.template import (
    ENOUGH,
    MOST,
    SHIPPING,
    StudyTemplate,
    TemplateModel,
    fill_template,
    from_ledger,
    toml_of,
    toml_text,
    usual_shipping,
)
from offing.terms.errors import InputError
from offing.terms.tables import FxRates, Sales
from offing.warehouse import Warehouse

FX = pl.DataFrame(
    [(date(2024, 1, 1), "USD", Decimal("1.25")), (date(2024, 6, 3), "USD", Decimal("1.25")),
     (date(2024, 6, 28), "USD", Decimal("1.25")), (date(2024, 6, 3), "CNY", Decimal(8)),
     (date(2024, 6, 28), "CNY", Decimal(8))],
    schema=FxRates.create_empty().schema,
    orient="row",
)  # fmt: skip


def line(model: str | None, quantity: float, amount: float, **other: Any) -> dict[str, Any]:
    said = {
        "on": date(2024, 6, 28), "invoice": None, "buyer": None, "market": "DEU",
        "product": "85287240", "model": model, "brand": None, "quantity": Decimal(str(quantity)),
        "unit": "item", "amount": Decimal(str(amount)), "currency": "USD", "incoterm": None,
        "row": 2,
    }  # fmt: skip
    return said | other


def found(*lines: dict[str, Any]) -> Any:
    sales = pl.DataFrame(list(lines), schema=Sales.create_empty().schema)
    return from_ledger(sales, FX)


def test_a_model_has_the_mean_price_of_its_fob_lines() -> None:
    """(10 x 100 + 30 x 120) / 40 = 115; the CIF line counts for units and sales alone."""
    made = found(
        line("A", 10, 1000, incoterm="FOB"),
        line(" a ", 30, 3600, incoterm="FOB", market="FRA"),
        line("A", 5, 900, incoterm="CIF", market="USA"),
        line("B", 1, 200),
    )
    assert not made.by_code
    first, second = made.shown
    assert (first.model.name, first.model.price_usd, first.term) == ("A", Decimal("115.00"), "FOB")
    assert (first.units, first.usd, first.markets) == (45, 5500, 3)
    assert first.codes == ("85287240",)
    assert "40" in first.model.price_from
    assert "45" not in first.model.price_from
    assert (second.model.name, second.model.price_usd, second.term) == ("B", Decimal("200.00"), "")
    assert made.left_out == ()


def test_a_model_without_fob_lines_has_the_price_of_one_term_and_says_which() -> None:
    """CIF sold most; a mean with what DDP has of duty and tax would be a price of nothing."""
    made = found(
        line("A", 10, 1000, incoterm="CIF"),
        line("A", 10, 1100, incoterm="CIF", market="JPN"),
        line("A", 10, 1900, incoterm="DDP", market="GBR"),
    )
    (one,) = made.shown
    assert (one.model.price_usd, one.model.price_term, one.term) == (
        Decimal("105.00"),
        "CIF",
        "CIF",
    )
    assert one.units == 30


def test_only_the_last_twelve_months_count() -> None:
    made = found(
        line("A", 1, 100),
        line("A", 1, 900, on=date(2023, 6, 28)),
        line("old", 9, 900, on=date(2023, 6, 28)),
    )
    assert [(one.model.name, one.units) for one in made.shown] == [("A", 1)]
    assert made.left_out == ()
    assert found(line("A", 1, 100), line("A", 1, 300, on=date(2023, 6, 29))).shown[0].units == 2


def test_money_is_at_the_rate_of_its_day_and_without_one_no_price_is_made_up() -> None:
    made = found(line("A", 1, 640, currency="CNY")).shown[0]
    assert made.model.price_usd == Decimal("100.00")  # 640 / 8 x 1.25
    made = found(line("A", 2, 640, currency="VND")).shown[0]
    assert (made.model.price_usd, made.usd, made.model.price_from) == (None, None, "")


def test_without_names_a_model_is_a_code_of_six_digits_at_most() -> None:
    made = found(
        line(None, 1, 100), line("A", 1, 100, product="85287264"), line("A", 1, 50, product="8516")
    )
    assert made.by_code
    assert [(one.model.code, one.names) for one in made.shown] == [
        ("852872", ("85287240", "85287264")),
        ("8516", ("8516",)),
    ]
    assert made.shown[0].model.name


@pytest.mark.parametrize(
    ("amount", "price"), [(999.994, "999.99"), (1000.4, "1000"), (4999.6, "5000"), (0.126, "0.13")]
)
def test_a_price_has_cents_below_a_thousand(amount: float, price: str) -> None:
    assert str(found(line("A", 1, amount)).shown[0].model.price_usd) == price


def test_of_many_codes_the_largest_have_nearly_all_and_the_rest_is_named() -> None:
    codes = [f"85{number:02}" for number in range(16, 16 + MOST + 4)]
    sizes = [1000.0] * 3 + [1.0] * (len(codes) - 3)
    made = found(
        *(line(None, 1, size, product=code) for code, size in zip(codes, sizes, strict=True))
    )
    assert [one.model.code for one in made.shown] == codes[:3]
    assert sum(sizes[:3]) >= ENOUGH * sum(sizes)
    assert list(made.left_out) == codes[3:]
    even = found(*(line(None, 1, 1, product=code) for code in codes))
    assert [one.model.code for one in even.shown] == codes[:MOST]


SAID = {
    "title": {"en": 'Where "next"?', "zh": "下一步"}, "on": date(2024, 12, 31), "firm": "Lu\\xing",
    "city": "青岛", "vat_status": "trader", "capacity": Decimal(60000),
}  # fmt: skip
MODEL = TemplateModel(
    "55-inch set", "8528", "oem", Decimal("320.50"), Decimal(1500), Decimal(150), Decimal(16),
    Decimal("0.15"),
)  # fmt: skip
SHIPPED = dict(zip(SHIPPING, map(Decimal, ("300", "6.5", "150", "14", "2.1")), strict=True))


def test_the_file_says_what_was_said(tmp_path: Path) -> None:
    begun = StudyTemplate(
        **SAID,  # type: ignore[arg-type]
        models=[MODEL],
        shipping=SHIPPED,
        taken_over=frozenset(SHIPPING[1:2]),
    )
    text = toml_of(begun)
    assert text.endswith("2.1\n")
    file = tmp_path / "study.toml"
    file.write_text(text, encoding="utf-8")
    study = read_study(file)
    model: Any = study.model[0]
    assert (study.title.en, study.title.zh) == ('Where "next"?', "下一步")
    assert (study.firm.name.en, study.firm.vat_status) == ("Lu\\xing", "trader")
    assert (model.key, model.brand, model.code) == ("55-inch-set", "oem", "8528")
    assert (model.price_usd, model.cost_cny, model.input_vat_cny) == (Decimal("320.50"), 1500, 150)
    assert (model.kg, model.m3, model.refund_rate) == (16, Decimal("0.15"), None)
    assert study.capacity(model) == 60000
    assert [getattr(study.shipping, name) for name in SHIPPING] == list(SHIPPED.values())
    marked = [line for line in text.splitlines() if line.startswith(SHIPPING)]
    assert ["#" in line for line in marked] == [False, True, False, False, False]
    taxed = [replace(MODEL, refund_rate=Decimal("0.13"))]
    rated = StudyTemplate(**SAID, models=taxed, shipping=SHIPPED)  # type: ignore[arg-type]
    assert tomllib.loads(toml_of(rated))["model"][0]["refund_rate"] == 0.13


def test_values_of_a_ledger_come_back_as_they_were() -> None:
    said = {"file": 'a "b".csv', "columns": {"market": "Ship to, country"}, "leave_out": ("x", "y")}
    bare = StudyTemplate(SAID["title"], SAID["on"], [TemplateModel("X", "8528")], ledger=said)  # type: ignore[arg-type]
    assert tomllib.loads(toml_of(bare))["ledger"] == {**said, "leave_out": ["x", "y"]}


@given(st.lists(st.text(min_size=1, max_size=60), min_size=1, max_size=8))
def test_any_names_make_a_file_that_reads(names: list[str]) -> None:
    """Names come from ledgers: they have quotes, backslashes, blanks, and no letter at all."""
    models = [replace(MODEL, name=name) for name in names]
    said = {"leave_out": names}
    text = toml_of(StudyTemplate(**SAID, models=models, shipping=SHIPPED, ledger=said))  # type: ignore[arg-type]
    read = tomllib.loads(text)
    plain = [re.sub(r"[\x00-\x1f\x7f]", " ", name) for name in names]
    assert [model["name"] for model in read["model"]] == plain
    assert read["ledger"]["leave_out"] == plain
    keys = [model["key"] for model in read["model"]]
    assert len(set(keys)) == len(keys)
    assert all(re.fullmatch(r"[\w.+-]{1,40}", key) for key in keys)


def test_examples(tmp_path: Path) -> None:
    names = [one.name for one in examples()]
    assert names == ["tv-maker", "workwear", "battery-maker"]
    tv = examples()[0]
    assert all(code.startswith("85") for code in tv.codes)
    own = tomllib.loads((tv.folder / "study.toml").read_text("utf-8"))
    assert (tv.title("en"), tv.title("zh")) == (own["title"]["en"], own["title"]["zh"])
    shipped = {name: Decimal(str(own["shipping"][name])) for name in SHIPPING}
    assert usual_shipping() == shipped
    copy_example("tv-maker", tmp_path)
    assert {file.name for file in tmp_path.iterdir()} >= {"study.toml", "ledger.csv"}
    with pytest.raises(InputError) as caught:
        copy_example("x" * 70, tmp_path)
    assert caught.value.key == "errors.unknown_name"
    assert "x" * 60 in str(caught.value)
    assert "x" * 61 not in str(caught.value)
    assert Example("a", tmp_path, "one", "一", ()).title("zh") == "一"


def test_what_came_back_whole_is_left_out() -> None:
    made = found(line("A", 1, 100), line("B", 2, 300), line("B", -2, -300))
    assert [one.model.name for one in made.shown] == ["A"]
    assert made.left_out == ("B",)
    assert found(line("B", 2, 300), line("B", -2, -300)).shown == ()


@pytest.mark.parametrize(("count", "by_code"), [(MOST, False), (MOST + 1, True)])
def test_many_names_are_taken_by_code(count: int, by_code: bool) -> None:
    made = found(*(line(f"M{number}", 1, 100) for number in range(count)))
    assert made.by_code is by_code
    assert len(made.shown) == (1 if by_code else count)


def test_brand_and_unit_are_those_of_most_lines() -> None:
    made = found(
        line("A", 1, 100, brand="oem"), line("A", 1, 100, brand="oem"),
        line("A", 1, 9, brand="own"),
        line("K", 5, 50, unit="kg", brand="Our Brand"), line("P", 5, 50, unit="pair"),
    )  # fmt: skip
    by_name = {one.model.name: one.model for one in made.shown}
    assert [(by_name[n].brand, by_name[n].unit) for n in "AK"] == [("oem", "item"), ("own", "kg")]
    assert made.left_out == made.uncounted == ("P",)


def test_fob_lines_that_came_back_whole_give_no_fob_price() -> None:
    made = found(
        line("A", 5, 500, incoterm="FOB"), line("A", -5, -500, incoterm="FOB"),
        line("A", 2, 300, incoterm="CIF"),
    ).shown[0]  # fmt: skip
    assert (made.model.price_usd, made.term) == (Decimal("150.00"), "CIF"), "what was sold was CIF"
    assert (made.units, made.usd) == (2, 300)


def test_text_of_a_file_is_one_line() -> None:
    assert tomllib.loads(f"a = {toml_text('x' + chr(10) + chr(127) + 'y')}") == {"a": "x  y"}


def test_names_that_make_the_same_key_are_told_apart() -> None:
    models = [replace(MODEL, name=name) for name in ("A 1", "A/1", "A-1", "B" * 50, "B" * 45)]
    text = toml_of(StudyTemplate(**SAID, models=models, shipping=SHIPPED))  # type: ignore[arg-type]
    keys = [model["key"] for model in tomllib.loads(text)["model"]]
    assert keys == ["A-1", "A-1-2", "A-1-3", "B" * 40, f"{'B' * 36}-2"]


def test_what_is_not_known_waits_for_its_figure_and_is_no_value() -> None:
    bare = StudyTemplate(SAID["title"], SAID["on"], [TemplateModel("X", "8528")])  # type: ignore[arg-type]
    text = toml_of(bare)
    read = tomllib.loads(text)
    assert read["model"] == [{"key": "X", "name": "X", "code": "8528"}]
    assert (read["firm"], read["shipping"]) == ({"origin": "CHN", "vat_status": "manufacturer"}, {})
    waiting = [line[3:].split(" =")[0] for line in text.splitlines() if line.startswith("#? ")]
    figures = ["price_usd", "cost_cny", "input_vat_cny", "kg", "m3"]
    assert waiting == ["name", "city", *figures, "hours", *SHIPPING]
    assert "refund_rate" not in text
    asked = toml_of(replace(bare, models=[TemplateModel("X", "8528", refund_about="of 8528")]))
    assert "#? refund_rate = # of 8528" in asked


def test_a_usual_figure_that_was_taken_over_is_called_illustrative() -> None:
    bare = StudyTemplate(SAID["title"], SAID["on"], [TemplateModel("X", "8528")])  # type: ignore[arg-type]
    first, second = SHIPPING[:2]
    usual = usual_shipping()
    answers = {f"shipping.{first}": usual[first], f"shipping.{second}": usual[second] + 1}
    lines = fill_template(toml_of(bare), answers, usual).splitlines()
    told = {
        name: next(one for one in lines if one.startswith(f"{name} =")) for name in SHIPPING[:2]
    }
    assert "ILLUSTRATIVE" in told[first]
    assert "ILLUSTRATIVE" not in told[second]
    assert "ILLUSTRATIVE" not in fill_template(toml_of(bare), answers), "none was offered"


EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "tv-maker"


def world(folder: Path, *, without_names: bool, stranger: str = "") -> StudyInputs:
    """The example with no ``hs_code`` in its ledger; perhaps its models name nothing of it."""
    text = (EXAMPLE / "study.toml").read_text(encoding="utf-8")
    if without_names:
        text = re.sub(r"(?m)^ledger = \[.*$", "", text)
    (folder / "study.toml").write_text(text, encoding="utf-8")
    with (EXAMPLE / "ledger.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = [name for name in rows[0] if name != "hs_code"]
    with (folder / "ledger.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        for row in rows:
            row["model"] = row["model"].lower() if without_names else row["model"]
            if stranger and row["model"].upper() == "HC-L120":
                row["model"] = stranger
            writer.writerow(row)
    return read_inputs(folder, Warehouse(folder / "no-warehouse"))


def test_a_model_that_no_study_knows_is_said_with_its_sum(tmp_path: Path) -> None:
    made = world(tmp_path, without_names=True, stranger="Projector P1")
    study = made.study
    assert made.sales.filter(pl.col("product").is_null())["model"].unique().to_list() == [
        "Projector P1"
    ]
    said = unclaimed_sales(made.sales, made.history, study.model, study.on, 62)
    assert [(key, values["names"]) for key, values in keyed(said)] == [
        ("study.warn_no_model", "Projector P1")
    ]


def test_without_a_study_the_code_is_still_asked_for(tmp_path: Path) -> None:
    world(tmp_path, without_names=True)
    with pytest.raises(InputError) as error:
        read_ledger(tmp_path / "ledger.csv")
    assert error.value.key == "reference.no_ledger_column"
    assert "HS code" in error.value.found
    assert "name a study whose models have codes" in str(error.value)


def test_models_that_are_named_as_codes_are_said_to_be_none(tmp_path: Path) -> None:
    file = tmp_path / "l.csv"
    file.write_text("Date,Country,Model,Qty,Amount USD\n2024-01-02,DEU,P1,1,10\n", "utf-8")
    read = look_at(file, columns={"product": "Model"})
    assert [(bad.row, bad.reason) for bad in read.rejected] == [(2, "reference.bad_product")]


def test_a_line_with_neither_code_nor_model_is_put_aside(tmp_path: Path) -> None:
    file = tmp_path / "l.csv"
    file.write_text(
        "date,market,model,quantity,amount,currency\n"
        "2024-01-02,DEU,A,1,10,USD\n2024-01-03,DEU,,1,10,USD\n",
        encoding="utf-8",
    )
    lines = read_ledger(file, codes={"a": "8528"})
    assert lines.sales["product"].to_list() == ["8528"]
    assert [(reason, count) for reason, count, _ in lines.quarantined] == [
        ("reference.no_product", 1)
    ]
