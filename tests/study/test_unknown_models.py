"""Models of the ledger that a study does not know: found, with what is at stake."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cautions import keyed
from offing.api.ledger import LedgerAnswer, ledger
from offing.report.words import caution_text
from offing.study import unknown
from offing.study.delivery import SAME_UNION
from offing.study.edit import Change, apply_changes
from offing.study.file import read_study
from offing.study.sales import _names_of_no_line
from offing.study.sales_history import UnknownModel, names_of, unclaimed_sales
from offing.terms.caution import Caution
from offing.terms.messages import Language, using_language
from offing.terms.money import Missing, dollars
from offing.warehouse import Warehouse
from study.stand_ins import like, plain

TV = Path(__file__).resolve().parents[1] / "museum/tv-maker-2024/study.toml"
LEDGER = (
    "Date,Country,HS code,Model,Quantity,Amount,Currency\n"
    "2024-06-01,DEU,8528,HC-65M,10,5000,USD\n"
    "2024-06-01,DEU,8528,HC-99X,10,9000,USD\n"
    "2024-07-01,FRA,8528,HC-99X,5,4500,USD\n"
    "2024-07-01,FRA,8516,kettle,100,1000,USD\n"
    "2022-07-01,FRA,8516,old one,100,1000,USD\n"
)


@pytest.fixture
def study(tmp_path: Path) -> Path:
    (tmp_path / "ledger.csv").write_text(LEDGER, encoding="utf-8")
    file = tmp_path / "study.toml"
    file.write_bytes(TV.read_bytes())
    return file


def look(study: Path) -> LedgerAnswer:
    return ledger(study.parent / "ledger.csv", study=study)


def change(study: Path, *changes: Change) -> None:
    study.write_text(apply_changes(study.read_text("utf-8"), changes), encoding="utf-8")


def test_each_is_said_with_its_sales(study: Path) -> None:
    answer = look(study)
    said = [(one.name, one.code, one.usd, one.units, one.markets) for one in answer.unknown]
    assert said == [("HC-99X", "8528", 13_500, 15, 2), ("kettle", "8516", 1_000, 100, 1)]
    assert answer.unknown[0].price_usd == 900
    assert [one["name"] for one in answer.data()["unknown_models"]] == ["HC-99X", "kettle"]


def test_what_is_left_out_is_not_asked_for_again(study: Path) -> None:
    change(study, Change(("ledger", "leave_out"), ["Kettle "]))
    assert [one.name for one in look(study).unknown] == ["HC-99X"]
    facts = read_study(study)
    rates = Warehouse.open(None).table("fx_rates")
    lines = look(study).look.sales
    assert facts.ledger is not None
    ((key, said),) = keyed(
        unclaimed_sales(lines, rates, facts.model, facts.on, 30, facts.ledger.leave_out)
    )
    assert (key, said["names"]) == ("study.warn_no_model", "HC-99X")


def test_the_same_as_a_model_keeps_what_it_was_called(study: Path) -> None:
    lines = look(study).look.sales
    models = read_study(study).model
    assert names_of(lines, models, "HC-65M") == ["HC-65M"]
    assert names_of(lines, models, "HC-55Q") == ["HC-55Q"]
    change(study, Change(("model", 1, "ledger"), [*names_of(lines, models, "HC-65M"), "HC-99X"]))
    assert [one.name for one in look(study).unknown] == ["kettle"]


@pytest.mark.parametrize(
    ("usd", "units", "price"),
    [(0.5, 1.0, 0.5), (1.0, 0.5, 2.0), (0.0, 5.0, None), (5.0, 0.0, None), (None, 5.0, None),
     (-5.0, 5.0, None), (5.0, -5.0, None)],
)  # fmt: skip
def test_a_price_per_unit(usd: float | None, units: float, price: float | None) -> None:
    assert UnknownModel("A", None, usd, units, "t", 1).price_usd == price


ONE_CODE = """Date,Country,HS code,Model,Quantity,Amount,Currency
2024-06-01,DEU,8528,TV ONE,10,5000,USD
2024-07-01,DEU,8528,TV ONE,2,1000,USD
2024-07-01,DEU,8528,,2,1100,USD
2022-07-01,DEU,8528,OLD TV,2,1000,USD
"""


def one_model(study: Path, ledger: str) -> None:
    """A study where only the first model has no names of the ledger, beside a ledger."""
    models = len(read_study(study).model)
    change(
        study,
        Change(("model", 0, "ledger"), None),
        *(Change(("model", n, "ledger"), [f"no {n}"]) for n in range(1, models)),
    )
    (study.parent / "ledger.csv").write_text(ledger, encoding="utf-8")


def test_a_currency_without_a_rate_does_not_hide_it(study: Path) -> None:
    one_model(study, ONE_CODE.replace("USD", "KPW"))
    ((key, _),) = keyed(look(study).cautions)
    assert key == "study.warn_by_code_no_rate"


def test_a_name_taken_by_its_code_alone_is_said_until_the_study_names_it(study: Path) -> None:
    one_model(study, ONE_CODE)
    model = read_study(study).model[0]
    ((key, said),) = keyed(look(study).cautions)
    assert key == "study.warn_by_code"
    assert said == {"model": model.key, "names": "OLD TV, TV ONE", "lines": "3", "usd": 6000}
    words: dict[Language, str] = {"en": "by their code alone", "zh": "仅凭编码"}
    for lang, word in words.items():
        with using_language(lang):
            text = caution_text(Caution(key, said))
            assert word in text
            assert "TV ONE" in text
            assert "6,000" in text
    change(study, Change(("model", 0, "ledger"), ["TV ONE", "OLD TV"]))
    assert look(study).cautions == ()


def test_one_model_of_a_code_and_no_names_is_quiet(study: Path) -> None:
    one_model(study, ONE_CODE.replace("TV ONE", "").replace("OLD TV", ""))
    answer = look(study)
    assert answer.cautions == ()
    assert answer.unknown == ()


def test_a_model_by_none_of_whose_names_a_line_is_called_is_said() -> None:
    models = [("A", ("hc-65m", "old")), ("B", ("HC-99", "HC-98")), ("C", ())]
    world: Any = like(
        sales=pl.DataFrame({"model": ["HC-65M", None]}),
        study=like(model=[like(key=key, ledger=names) for key, names in models]),
    )
    said = {"model": "B", "names": "HC-99, HC-98"}
    assert keyed(_names_of_no_line(world)) == [("study.warn_ledger_name", said)]


D = Decimal
DAY = date(2024, 12, 31)
LINES = pl.DataFrame(
    [
        ("A", "item", 10.0, date(2024, 6, 1), 600.0), ("A", "kg", 99.0, date(2024, 6, 1), 50.0),
        ("A", "item", 7.0, date(2023, 12, 31), 70.0), ("B", "item", -3.0, DAY, -30.0),
        ("C", "item", 0.25, date(2024, 1, 1), 80.0), (None, "item", 1.0, DAY, 300.0),
        ("D", "item", 1.0, DAY, None),
    ],
    schema=["key", "unit", "quantity", "on", "usd"], orient="row",
).with_columns(market=pl.lit("BRA"))  # fmt: skip
"""Of twelve months: ten pieces of A, three of B that came back, a quarter of C."""
MODELS = {
    key: plain().model[0].model_copy(update={"key": key, "hours": D(hours), "line": line})
    for key, hours, line in (("A", "1.5", "one"), ("B", "1", "one"), ("C", "2", "two"))
}


def world(monkeypatch: pytest.MonkeyPatch, *seen: str, lines: pl.DataFrame = LINES) -> Any:
    """Of the codes of models that were ``seen`` there is trade."""
    monkeypatch.setattr(unknown, "rated_sales", lambda lines, *_: lines)
    models = [m.model_copy(update={"code": f"85{key}"}) for key, m in MODELS.items()]
    study = like(on=DAY, model=models, rates_age=5, line_of=lambda model: like(key=model.line))
    trade = like(trade_seen=lambda code: (float(code[2:] in seen) / 4, 0.0))
    return like(study=study, keyed_sales=lines, warehouse=trade, day_rates=None)


def test_models_that_are_left_out_with_their_reason_sales_and_hours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of 1,000 dollars A and B had 620; B's returns take no hours and give none."""
    loaded, markets = keyed(unknown.left_out(world(monkeypatch, "C"), {"Z"}))
    assert loaded[0] == "study.warn_left_out_loaded_sold"
    assert (loaded[1]["usd"], loaded[1]["share"], loaded[1]["hours"]) == (620, "62%", "15")
    assert loaded[1]["goods"]["en"].count("(HS 85") == 2
    assert markets[0] == "study.warn_left_out_markets_sold"
    assert (markets[1]["usd"], markets[1]["share"], markets[1]["hours"]) == (80, "8%", "0")
    assert unknown.left_out(world(monkeypatch), {"A", "B", "C"}) == []
    nothing = world(monkeypatch, lines=LINES.clear())
    ((key, said),) = keyed(unknown.left_out(nothing, {"A"}))
    assert (key, set(said)) == ("study.warn_left_out_loaded", {"goods"})


def test_hours_of_what_is_left_out_by_line(monkeypatch: pytest.MonkeyPatch) -> None:
    made = world(monkeypatch)
    assert unknown.reserved_hours(made, {}) == {"one": 15.0, "two": 0.5}
    assert unknown.reserved_hours(made, {"A": ()}) == {"two": 0.5}
    assert unknown.reserved_hours(made, dict.fromkeys("ABC", ())) == {}
    beside = {"A": ["BRA"], "B": (), "C": ["DEU"]}
    assert unknown.reserved_hours(made, beside) == {"one": 15.0}, "ten of A went to Brazil"


def test_a_line_keeps_what_is_left_and_never_nothing() -> None:
    study = plain()  # 60,000 hours
    assert unknown.reserve_hours(study, {}, {}) is study
    for taken, own, left in (
        (15.0, 0, "59985"), (6e4, 0, "0.06"), (7e4, 0, "0.06"), (7e4, 1200, "1200"),
        (7e4, 8e4, "60000"),
    ):  # fmt: skip
        (line,) = unknown.reserve_hours(study, {"main": taken}, {"main": taken + own}).plant[0].line
        assert line.hours == D(left)
    (line,) = unknown.reserve_hours(study, {"other": 15.0}, {}).plant[0].line
    assert line.hours == 60_000


def test_sales_that_no_row_of_the_plan_has(monkeypatch: pytest.MonkeyPatch) -> None:
    """By market; without one those of other tiers, and of what the ledger sells beside A."""
    sales = like(other_tiers_usd=0.25, other_markets={"FRA": 0.5, "ITA": 0.0})
    articles: Any = [like(key="A", sales=sales)]
    found = unknown.sales_outside(world(monkeypatch), articles)
    assert found == (("", 350.25), ("FRA", 0.5))
    monkeypatch.setattr(unknown, "_ledger_sales", lambda _: {"A": 9.0})
    articles[0].sales = like(other_tiers_usd=0.0, other_markets={})
    assert unknown.sales_outside(like(), articles) == ()


def plan(**sales: tuple[float, float]) -> Any:
    """Rows by market: what is to be sold, and what is sold."""
    rows = [
        like(product="A", market=market, sales_usd=then, sales_now_usd=now)
        for market, (then, now) in sales.items()
    ]
    whole = sum(row.sales_usd for row in rows)
    return like(rows=rows, sales_usd=whole, computed_usd=whole, outside=())


def test_a_segment_is_worth_what_is_to_be_sold_else_what_is() -> None:
    reasons = {("A", market): "study.no_regime" for market in ("DEU", "FRA", "ITA")}
    found = unknown.missing_by_segment(plan(DEU=(0.5, 9.0), FRA=(0.0, 7.0)), reasons)
    stakes = {market: one.at_stake.amount for (_, market), one in found.items()}
    assert stakes == {"DEU": 0.5, "FRA": 7.0, "ITA": 0.0}


@pytest.mark.parametrize(
    ("costs", "why"),
    [
        ([("quote", None)], None), ([(None, "a")], "a"), ([(None, None)], ""),
        ([("quote", "a"), (None, "b")], "b"), ([(None, SAME_UNION)], None),
        ([(None, SAME_UNION), (None, "b")], "b"),
    ],
)  # fmt: skip
def test_why_a_shipment_has_no_landed_cost(costs: list[Any], why: str | None) -> None:
    assert unknown._lacks(*(like(quote=quote, missing=m) for quote, m in costs)) == why


def test_what_is_missing_by_its_reason_the_weightiest_first() -> None:
    """Of 100 dollars 8 rest on nothing known: the answer holds for 92 %."""
    missing = [
        Missing("study.no_regime", dollars(usd), {"product": product, "market": market})
        for product, market, usd in (
            ("A", "DEU", 2.0), ("B", "DEU", 1.0), ("A", "FRA", 0.0), ("A", "ITA", 0.25),
        )
    ]  # fmt: skip
    missing.append(Missing("study.no_distance", dollars(4.75), {"product": "A", "market": "JPN"}))
    found = keyed(unknown.caution(unknown.ABOUT[0], missing, plan(DEU=(100.0, 0.0))))
    assert [
        (str(said["unknown"]), said["markets"], said["models"], said["usd"]) for _, said in found
    ] == [
        ("study.no_distance", ("JPN",), ("A",), 4.75),
        ("study.no_regime", ("DEU",), ("A", "B"), 3.0),
        ("study.no_regime", ("ITA",), ("A",), 0.25),
    ]  # fmt: skip
    assert {float(said["holds"]) for _, said in found} == {0.92}
