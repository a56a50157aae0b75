"""Changes of single values in a study file: comments stay; what cannot be is refused."""

import tomllib
from decimal import Decimal
from pathlib import Path

import pytest

from offing.study.edit import Change, apply_changes
from offing.study.file import read_study
from offing.study.template import answer_study, fill_in
from offing.terms.errors import InputError
from offing.terms.messages import say

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
