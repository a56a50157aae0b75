"""Changes of single values in a study file, and what people type for them."""

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from offing.study.edit import Change, apply_changes, key_at
from offing.study.file import read_study
from offing.study.template import answer_study, fill_in
from offing.terms.errors import InputError
from offing.terms.messages import Language, say, using_language

TV = Path(__file__).resolve().parents[1] / "museum/tv-maker-2024/study.toml"


def test_one_figure_changes_and_every_other_line_stays() -> None:
    before = TV.read_text("utf-8")
    after = apply_changes(before, [Change(("model", 0, "cost_cny"), Decimal("2200.50"))])
    lines = [
        pair for pair in zip(before.split("\n"), after.split("\n"), strict=True) if len({*pair}) > 1
    ]
    comment = "# materials, labour and overhead of one set, without value-added tax"
    assert lines == [(f"cost_cny = 2130.00 {comment}", f"cost_cny = 2200.50 {comment}")]


def test_tables_are_added_emptied_and_taken_away(tmp_path: Path) -> None:
    before = TV.read_text("utf-8")
    added = [Change(("model", 5, key), value) for key, value in {
        "key": "N", "name": "新", "code": "8528", "cost_cny": Decimal(9),
        "input_vat_cny": Decimal(1), "price_usd": Decimal(3), "kg": Decimal(1),
        "m3": Decimal("0.01"), "line": "main",
    }.items()]  # fmt: skip
    gone = [Change(("model", 1, "market_prices_usd"), None), Change(("model", 2), None)]
    after = apply_changes(before, [*added, Change(("markets", "leave_out"), ["FRA"]), *gone])
    file = tmp_path / "study.toml"
    file.write_text(after, encoding="utf-8")
    study = read_study(file)
    assert [model.key for model in study.model] == ["HC-55Q", "HC-65M", "HC-85M", "HC-L120", "N"]
    assert study.model[1].market_prices_usd == {}
    assert study.markets.leave_out == ["FRA"]
    assert {line for line in after.split("\n") if "#" in line} < set(before.split("\n"))


def test_a_table_that_is_not_there_is_made() -> None:
    after = apply_changes("on = 2024-01-01\n", [Change(("limits", "entry_budget_cny"), Decimal(5))])
    assert tomllib.loads(after)["limits"] == {"entry_budget_cny": 5}
    assert apply_changes(after, [Change(("ledger", "sheet"), None)]) == after


def test_a_figure_of_ones_own_is_not_illustrative_any_more() -> None:
    text = (
        "[shipping]\nfreight = 18 # ILLUSTRATIVE, of a made-up firm: put your forwarder's figure\n"
    )
    assert (
        apply_changes(text, [Change(("shipping", "freight"), Decimal(20))])
        == "[shipping]\nfreight = 20\n"
    )


def test_a_place_that_is_none_is_refused() -> None:
    with pytest.raises(InputError) as refused:
        apply_changes("on = 2024-01-01\n", [Change(("on", "day"), Decimal(1))])
    assert refused.value.key == "study.cannot_edit"


def test_an_answer_is_written_at_the_key_that_it_names(tmp_path: Path) -> None:
    file = tmp_path / "study.toml"
    file.write_text(before := TV.read_text("utf-8"), "utf-8")
    answers = {"model.hc-65m.elasticity": "2.5", "duty.墨西哥": "20%", "firm.city": "宁波"}
    answer_study(file, answers | {"entering.market.DEU.listing_cny": "20万"})
    study = read_study(file)
    assert {m.key: m.elasticity for m in study.model if m.elasticity} == {"HC-65M": Decimal("2.5")}
    assert (study.duty["MEX"], study.firm.city.zh) == (Decimal("0.2"), "宁波")
    assert study.entering.market["DEU"].listing_cny == 200000
    file.write_text(before, "utf-8")
    for name, typed in {
        "model.X.kg": "1",
        "modl.0.kg": "1",
        "duty.MEX": "x",
        "model.0.kg": "-1",
    }.items():
        with pytest.raises(InputError):
            answer_study(tmp_path, {"firm.city": "宁波", name: typed})
    assert file.read_text("utf-8") == before
    with pytest.raises(InputError) as refused:
        answer_study(tmp_path, {"duty.MEX": "2000%"})
    error, next_step = refused.value, say("study.answer_again")
    assert (error.where and error.where.key, error.next_step) == ("[duty], MEX", next_step)


def test_an_answer_fills_what_a_begun_study_waits_for(tmp_path: Path) -> None:
    waits = TV.read_text("utf-8").replace("refund_rate = 0.13", "#? refund_rate = # rate", 1)
    assert "#? refund_rate" in waits
    filled = fill_in(waits, {"refund_rate": "9%", "model.0.kg": "12"})
    assert tomllib.loads(filled)["model"][0]["refund_rate"] == 0.09
    assert tomllib.loads(filled)["model"][0]["kg"] == 12


D = Decimal
LIMIT, SHARE = "limits.worst_twentieth_cny", "limits.likelier_than"
CODES, PRICES = "model.national_codes", "model.market_prices_usd"
OWED, TAKES = "settlement.buyer_limits_cny", "settlement.market_accepts"


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        (LIMIT, D(20_000_000), "20,000,000"),
        (LIMIT, -5_000_000, "-5,000,000"),
        ("model.price_usd", D("12345.678"), "12,345.678"),
        ("model.hours", D("0.052"), "0.052"),
        ("settlement.days", 1000, "1000"),
        (SHARE, D("0.7"), "70%"),
        ("ledger.bands_usd", [D("0.5"), D(1200)], "0.5, 1200"),
        ("markets.leave_out", ["HKG", "KOR"], "Hong Kong SAR, South Korea"),
        (CODES, {"EUR": "85287240", "HS": "852872"}, "European Union 85287240, all others 852872"),
        (PRICES, {"IND": D(1450), "HKG": D("3.5")}, "India 1450, Hong Kong SAR 3.5"),
        (OWED, {"Nord GmbH, Kiel 2": D(1_200_000)}, "Nord GmbH, Kiel 2 1,200,000"),
        (TAKES, {"HKG": ["USD", "CNY"], "JPN": ["JPY"]}, "Hong Kong SAR USD/CNY, Japan JPY"),
        ("settlement.volatility", {"NGN": D("0.25")}, "NGN 25%"),
        ("ledger.keep_prices", True, "1"),
    ],
)
def test_what_stands_there_is_shown_and_read_again(key: str, value: Any, text: str) -> None:
    with using_language("en"):
        field = key_at(tuple(key.split(".")))
        assert field.shown(value) == text
        assert field.read(text) == value


@pytest.mark.parametrize(
    ("lang", "key", "text", "value"),
    [
        ("zh", "model.cost_cny", "1.2万", D(12000)),
        ("zh", PRICES, "印度 450美元、波兰为$696.5", {"IND": D(450), "POL": D("696.5")}),
        ("zh", CODES, "德国 85287240，其他：852872", {"EUR": "85287240", "HS": "852872"}),
        ("en", CODES, "EU=8528.72.40; USA 8528.72.64",
         {"EUR": "8528.72.40", "USA": "8528.72.64"}),
        ("zh", OWED, "北方 GmbH 2：120万\nNord, Kiel 50000元",
         {"北方 GmbH 2": D(1_200_000), "Nord, Kiel": D(50000)}),
        ("zh", TAKES, "德国EUR/USD，日本：JPY", {"DEU": ["EUR", "USD"], "JPN": ["JPY"]}),
        ("en", "model.refund_rate", "13", D("0.13")),
        ("en", "model.refund_rate", "0", D(0)),
        ("en", "model.code", "8528 Monitors and televisions", "8528"),
        ("zh", "plant.country", "越南", "VNM"),
        ("en", "rates.credit_insurance", "0.35%", D("0.0035")),
        ("en", "settlement.terms", "sight-LC", "sight_lc"),
    ],
)  # fmt: skip
def test_it_may_be_typed_as_people_type(lang: Language, key: str, text: str, value: Any) -> None:
    with using_language(lang):
        assert key_at(tuple(key.split("."))).read(text) == value
