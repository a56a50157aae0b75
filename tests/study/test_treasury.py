"""A study's currencies in its plan: as `offing settle` has them, and refused where they cannot be.

The example's firm is made up; rates and interest are real and dated.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

import offing
from cautions import keyed
from example_plan import EXAMPLE, made, studied, world
from offing.planning.outcome import currency_receipts
from offing.planning.treasury import hedge_ratios, taken_of
from offing.report.move_words import summarise_money_moves
from offing.settlement.deal import ONE, ZERO, Credit, option
from offing.study.choices import AHEAD, Bank, ChoiceSet
from offing.study.decision import held_beyond
from offing.study.file import read_study
from offing.study.inputs import StudyInputs
from offing.study.plan import build_choice_set
from offing.study.settlement import settle_plan
from offing.study.treasury import points_of, refused_hedges, treasury_of, year_of
from offing.terms.errors import InputError
from offing.terms.firm_records import Deal


def other(**settled: object) -> StudyInputs:
    """The study whose ``[settlement]`` differs."""
    facts = world().study.settlement
    assert facts is not None
    study = world().study.model_copy(update={"settlement": facts.model_copy(update=settled)})
    return replace(world(), study=study)


STAGED: dict[str, ChoiceSet] = {}
"""By the study's text: it takes half a second, and no test changes it."""


def staged(of: StudyInputs) -> tuple[ChoiceSet, Bank]:
    key = of.study.model_dump_json()
    if key not in STAGED:
        STAGED[key] = build_choice_set(of, studied())
    stage = STAGED[key]
    assert stage.bank is not None
    return stage, stage.bank


@pytest.mark.parametrize("code", ["EUR", "USD", "JPY", "INR"])
@pytest.mark.parametrize("days", [90, AHEAD])
def test_a_forward_costs_what_settle_says(code: str, days: int) -> None:
    """One deal by ``offing settle``'s own options: hedged in full less not at all."""
    accepts = {"DEU": ["EUR", "INR"]}
    _, bank = staged(other(market_accepts=accepts, days=days))
    market = bank.at.market
    deal = Deal(Decimal(10) ** 10, code, days, "open_account")
    paths = bank.at.paths[days][code]
    full, none = (option(deal, code, h, market, Credit(), paths) for h in (ONE, ZERO))
    share = float((full.expected - none.expected) / none.at_mid)
    points = points_of(bank, code, days)
    assert points == pytest.approx(share, abs=1e-9)


def test_a_deal_by_hand() -> None:
    """EUR, 90 days from 2024-12-31: interest of 1.50 and 3.00 %, spread of 0.4 %.

    F ÷ S = (1 + 0.015 / 4) ÷ (1 + 0.03 / 4); half of the spread falls on F in place of S.
    """
    _, bank = staged(world())
    over = (1 + 0.015 / 4) / (1 + 0.03 / 4)
    assert points_of(bank, "EUR", 90) == pytest.approx(over - 1 - 0.002 * (over - 1))
    answer = offing.settle(1_000_000, "EUR", invoice="EUR", hedge="100%", on=date(2024, 12, 31))
    assert answer.advice is not None
    hedged = answer.advice.options[0]
    spot = float(hedged.spot)
    assert float(hedged.forward or 0) == pytest.approx(spot * over, rel=1e-8)
    assert float(hedged.carry) == pytest.approx(1e6 * spot * (over - 1), abs=0.01)


def test_the_settlement_tells_what_the_plan_has_decided() -> None:
    told, plan = settle_plan(made()), made()
    assert told is not None
    ratios = hedge_ratios(plan.solved.programme, plan.solved.solution.decision)
    assert {n.currency: float(n.hedge_ratio or 0) for n in told.nettings} == pytest.approx(
        {n.currency: ratios[n.currency] for n in told.nettings}, abs=1e-4
    )
    hedges = {m.currency: m for m in plan.decided.money if m.kind == "hedge"}
    for netting in told.nettings:
        share = hedges[netting.currency].share if netting.currency in hedges else 0.0
        assert float(netting.hedge_ratio or 0) == pytest.approx(share, abs=1e-3)
    assert told.within
    fall = (told.expected_cny - told.low_cny) / told.receivables_cny
    assert fall == pytest.approx(next(iter(hedges.values())).loss)
    by_market: dict[str, float] = {}
    for line in told.lines:
        if line.market:
            by_market[line.market] = by_market.get(line.market, 0.0) + line.sales_usd
    for market, usd in by_market.items():
        planned_usd = sum(r.sales_usd for r in plan.plan.rows if r.market == market)
        assert usd == pytest.approx(planned_usd, rel=1e-3, abs=1000)


def test_currencies_change_no_move_and_cost_what_they_say() -> None:
    """The moves are those of the plan without hedges; the mean differs by what the money brings."""
    of = made()
    gain = of.decided.money_gain
    assert gain is not None
    alone = sum(move.mean_cny for move in of.decided.money if move.kind == "hedge")
    assert gain.mean_cny == pytest.approx(alone, rel=1e-6)
    assert gain.loss < gain.loss_without
    told = str(summarise_money_moves(of.decided, gain))
    assert "in 96% of the scenarios without them and in 94% with them" in told
    alike = replace(of.decided, chance_without_money=of.decided.chance_better)
    assert "without them and in" not in str(summarise_money_moves(alike, gain))


def test_no_forward_beyond_a_year() -> None:
    study, (stage, bank) = world().study, staged(other(days=400))
    offers = made().choices.offers
    found = treasury_of(bank, offers, stage.shelves, stage.rates)
    assert {f.days for c in found.currencies for f in c.forwards} == {AHEAD}
    keys = [key for key, _ in keyed(refused_hedges(study, bank, offers))]
    assert keys == ["settle.plan_too_far", "settle.plan_first_year"]
    with pytest.raises(InputError, match="400"):
        offing.settle(1_000_000, "EUR", invoice="EUR", hedge="50%", days=400, on=date(2024, 12, 31))


@pytest.mark.parametrize(
    ("day", "year"),
    [("2024-12-31", 0), ("2025-01-01", 0), ("2025-12-31", 0), ("2026-01-01", 1), ("2026-12-31", 1),
     ("2027-01-01", 2)],
)  # fmt: skip
def test_a_year_from_a_day_ends_on_its_anniversary(day: str, year: int) -> None:
    assert year_of(date(2024, 12, 31), date.fromisoformat(day)) == year


@pytest.mark.parametrize(
    ("held", "words"),
    [
        ('currency = "CNY"\namount = 1\nrate = 1\nuntil = 2025-06-30', "CNY"),
        ('currency = "EUR"\namount = 1\nrate = 7.5\nuntil = 2024-12-31', "2024-12-31"),
        ('currency = "EUR"\namount = 0\nrate = 7.5\nuntil = 2025-12-31', "amount"),
        ('currency = "EUR"\namount = 1\nrate = 7.5\nuntil = 2025-12-31\nsid = "buy"', "side"),
        ('currency = "EUROX"\namount = 1\nrate = 7.5\nuntil = 2025-12-31', "EUROX"),
    ],
)
def test_a_held_forward_that_cannot_be(tmp_path: Path, held: str, words: str) -> None:
    text = (EXAMPLE / "study.toml").read_text(encoding="utf-8")
    (tmp_path / "study.toml").write_text(f"{text}\n[[settlement.held]]\n{held}\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_study(tmp_path / "study.toml")
    told = f"{caught.value} {caught.value.where}"
    assert words in told
    assert "held" in told


@pytest.mark.parametrize(
    ("share", "key"),
    [(0.9, None), (1.0, None), (1.5, "study.warn_held_sold"), (-0.1, "study.warn_held_bought")],
)
def test_forwards_beyond_what_comes_in_are_said(share: float, key: str | None) -> None:
    """Of the euros that the plan takes in: sold ahead at most all, and none to be bought."""
    solved, rates = made().solved, made().choices.rates
    programme, taken = solved.programme, taken_of(solved.programme, solved.solution.decision)
    year = programme.offers.years[0]
    comes = currency_receipts(programme, solved.solution.decision.share, taken, "EUR", year)
    assert comes > 0
    currencies = tuple(
        replace(one, out_usd=0.0, held_usd=share * comes if one.code == "EUR" else 0.0)
        for one in programme.facts.treasury.currencies
    )
    treasury = replace(programme.facts.treasury, currencies=currencies)
    facts = replace(programme.facts, treasury=treasury)
    held = replace(solved, programme=replace(programme, facts=facts))
    said = dict(keyed(held_beyond(held, rates)))
    assert list(said) == ([] if key is None else [key])
    if key == "study.warn_held_sold":
        ends = [float(said[key][name].replace(",", "")) for name in ("held", "net")]
        assert ends[0] / ends[1] == pytest.approx(1.5, rel=1e-4)
        assert (said[key]["currency"], said[key]["year"]) == ("EUR", str(year))
