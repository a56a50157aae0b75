"""What shocks change, each by hand: terms, rules, and what markets buy."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from offing.policy.disclosure import PublishedSum
from offing.policy.overlay import today
from offing.policy.shock_file import Shock
from offing.rules.reform import read_reform
from offing.sources.elasticities import substitution_of
from offing.study import scenario, stress
from offing.study import stress as shocked
from offing.study.demand_response import AssumedResponse
from offing.study.firm_exposure import (
    Exposure,
    Flows,
    Measure,
    exposure,
    latest_flows,
    measure_of_reform,
    measure_of_shock,
)
from offing.study.markets import Imports
from offing.study.scenario import ShippingTerms
from offing.study.stress import purchases, reform_of_shocks, shocked_segments, terms_of
from offing.terms.background import listening
from offing.terms.caution import Caution
from offing.terms.errors import InputError
from study.stand_ins import flows, like, plain, shock


def test_terms_of_several_shocks_multiply(tmp_path: Path) -> None:
    """Carriage + 50 % everywhere, + 100 % to the US and + 10 % there; a floor a fifth above."""
    one = shock(tmp_path, '[[freight]]\nchange = 0.5\n[[freight]]\nchange = 1\nmarkets = ["USA"]\n')
    floor = '[[floor]]\nabove = "20%"\nmarkets = ["DEU"]\n'
    two = shock(tmp_path, f'[[freight]]\nchange = 0.1\nmarkets = ["USA"]\n{floor}', "two")
    terms = terms_of([one, two])
    assert terms.of("USA") == pytest.approx((2 * 1.1, 1.0))
    assert terms.of("DEU") == pytest.approx((1.5, 1.2))
    assert terms_of([two]).of("FRA") == (1.0, 1.0)
    assert ShippingTerms().of("USA") == (1.0, 1.0)
    half = terms_of([one.scale_to(0.5)])
    assert half.of("USA") == pytest.approx((1.5, 1.0))


def test_terms_of_shipping_and_of_prices() -> None:
    study = plain()
    assert scenario._scale_freight(study, 1.0) is study
    way = scenario._scale_freight(study, 1.5).shipping
    assert way.freight_usd_per_m3_fixed == Decimal("21.00")
    assert way.freight_usd_per_m3_1000km == Decimal("3.15")
    assert way.inland_usd_per_m3 == study.shipping.inland_usd_per_m3
    facts = study.model[0].model_copy(update={"market_prices_usd": {"USA": Decimal(400)}})
    ladders: dict[str, Any] = {"USA": None, "DEU": None}
    imports = Imports(facts, "x", flows(), 2024, ladders, (), {}, {})
    assert scenario._scale_price(imports, 1.0) is imports
    dearer = scenario._scale_price(imports, 1.25).facts
    assert dearer.market_prices_usd == {"USA": Decimal(500), "DEU": Decimal(400)}
    assert dearer.price_usd == Decimal(320)


@pytest.mark.parametrize(
    ("today", "points", "size", "left"),
    [
        ("0.13", "-4%", 1.0, "9%"),
        ("0.13", "-4%", 2.0, "5%"),
        ("0.13", "-17%", 1.0, "0%"),  # no less than nothing
        ("0.09", "6%", 1.0, "13%"),  # no more than what was paid
        (None, "-4%", 1.0, None),  # what is cancelled has no points to lose
    ],
)
def test_a_refund_by_points(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    today: str | None,
    points: str,
    size: float,
    left: str | None,
) -> None:
    rate = None if today is None else Decimal(today)
    monkeypatch.setattr(shocked, "refund_rate_of", lambda *_, **__: (rate, None))
    world = like(study=plain(), laws=like(refund_rates=None))
    one = shock(tmp_path, f'[[refund]]\npoints = "{points}"\n').scale_to(size)
    rates = shocked._refunds(world, one)
    assert rates == ([{"id": "chn.refund.8528", "value": left}] if left else [])


def test_interest_by_points_and_no_less_than_nothing(tmp_path: Path) -> None:
    """1.5 % and 3 points at twice the size are 7.5 %; a euro at 2 % falls by 3 to nothing."""
    rates = {"USD": ("0.015", False), "EUR": ("0.02", False), "KRW": ("0.025", True)}
    known = {code: like(rate=Decimal(r), is_stale=old) for code, (r, old) in rates.items()}
    laws = like(settlement=like(interest=lambda code, _: known.get(code)))
    world = like(study=plain(), laws=laws)
    table = '[[interest]]\ncurrency = "{}"\npoints = "{}%"\n'
    tables = table.format("USD", 3) + table.format("EUR", -1.5) + table.format("JPY", 1)
    tables += table.format("KRW", 1)  # of a rate that is too old nothing is moved
    assert shocked._interests(world, shock(tmp_path, tables).scale_to(2.0)) == [
        {"id": "settlement.interest.usd", "value": "7.5%"},
        {"id": "settlement.interest.eur", "value": "0%"},
    ]


def test_duties_and_rates_of_exchange_become_rules(tmp_path: Path) -> None:
    tables = (
        '[[duty]]\nimporter = "USA"\norigins = ["CHN"]\nrate = "10%"\n'
        '[[duty]]\nimporter = "USA"\nnot_origins = ["CHN"]\nrate = "5%"\n'
        '[[exchange]]\ncurrency = "USD"\nchange = "-10%"\n'
    )
    world = like(study=plain(), laws=like(refund_rates=None))
    reform = reform_of_shocks(world, [shock(tmp_path, tables).scale_to(2.0)], "a war", "一场贸易战")
    assert (reform.name, reform.name_zh) == ("a war", "一场贸易战")
    assert reform.ids == ("usa.shock_made_up_0", "usa.shock_made_up_1")
    assert [each.charge.origins for each in reform.charges] == [("CHN",), ()]
    assert [each.charge.not_origins for each in reform.charges] == [(), ("CHN",)]
    assert {each.charge.stage for each in reform.charges} == {"duty"}
    [dollar] = reform.exchange
    assert (dollar.currency, dollar.change) == ("USD", Decimal("-0.19"))  # 0.9 × 0.9


def product(code: str = "852872", key: str = "tv", **more: Any) -> Any:
    trade = flows(
        (2019, "CHN", "USA", 60.0), (2019, "DEU", "USA", 40.0), (2020, "CHN", "USA", 75.0),
        (2019, "CHN", "GBR", 50.0), (2020, "CHN", "FRA", 50.0), (2019, "CHN", "DEU", 0.0),
        (2020, "CHN", "DEU", 9.0),
    )  # fmt: skip
    facts = like(code=code, key=key, plant=None)
    markets: dict[str, Any] = {"USA": None, "GBR": None, "FRA": None}
    return like(imports=like(facts=facts, flows=trade), standings=markets, **more)


def outcome(*products: Any) -> Any:
    return like(products=products, world=like(study=plain()))


def test_what_markets_buy_is_measured_where_the_data_have_both_years(tmp_path: Path) -> None:
    """The US bought 100 and then 75; of the others one year is missing: the file's − 10 %."""
    assert shocked._yearly_changes(product().imports.flows, (2019, 2020)) == {"USA": -0.25}
    assert shocked._yearly_changes(product().imports.flows, None) == {}
    tables = "[[imports]]\nchange = -0.1\nyears = [2019, 2020]\n"
    draws, measured = purchases(outcome(product()), shock(tmp_path, tables), 3)
    assert measured == 1
    assert {market: values.tolist() for (_, market), values in draws.items()} == {
        "USA": [0.75] * 3,
        "GBR": [0.9] * 3,
        "FRA": [0.9] * 3,
    }
    twice, _ = purchases(outcome(product()), shock(tmp_path, tables).scale_to(2), 1)
    assert twice["tv", "USA"] == pytest.approx([0.5625])


def test_only_the_products_and_markets_that_are_named(tmp_path: Path) -> None:
    tables = '[[imports]]\nchange = 0.5\nproducts = ["8528"]\nmarkets = ["FRA"]\n'
    both = outcome(product(), product("620310", "suit"))
    draws, measured = purchases(both, shock(tmp_path, tables), 1)
    assert (list(draws), measured) == ([("tv", "FRA")], 0)


@pytest.mark.parametrize(("weeks", "size", "left"), [(13, 1, 0.75), (13, 2, 0.5), (52, 2, 0.0)])
def test_weeks_without_ships(tmp_path: Path, weeks: int, size: float, left: float) -> None:
    one = shock(tmp_path, f"[[closed]]\nweeks = {weeks}\n").scale_to(size)
    draws = shocked._close_weeks(outcome(product()), one, 2)
    assert set(draws) == {("tv", market) for market in ("USA", "GBR", "FRA")}
    assert all(values.tolist() == [left, left] for values in draws.values())
    none = shock(tmp_path, "[[freight]]\nchange = 1\n")
    assert shocked._close_weeks(outcome(product()), none, 2) == {}


def at(**cif: float) -> Any:
    return {m: like(cost=like(cif_usd=Decimal(str(usd)))) for m, usd in cif.items()}


def test_a_dearer_price_at_the_port_loses_to_rivals_that_stay() -> None:
    """A fifth dearer at an elasticity of 2: 1 / 1.44; the same price is no change."""
    one = product()
    one.standings = at(USA=100, DEU=80, FRA=50)
    sigma = like(draws=lambda count, seed: np.full(count, 2.0))
    assumed = AssumedResponse(substitution=sigma, draws=3)
    [(place, draws)] = shocked._dearer(outcome(one), [at(USA=120, DEU=80)], assumed).items()
    assert place == ("tv", "USA")
    assert draws == pytest.approx([1 / 1.44] * 3)


def test_a_shock_without_rules_moves_what_it_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a year closed and a market that buys a fifth more: 0.6; a plant abroad sells 1.2."""
    monkeypatch.setattr(shocked, "foreign_plants", lambda *_: [like(key="mex", country="MEX")])
    tables = '[[closed]]\nweeks = 26\n[[imports]]\nchange = "20%"\nmarkets = ["FRA"]\n'
    one = shock(tmp_path, tables)
    reform = reform_of_shocks(like(study=plain(), laws=None), [one], "x", "x")
    assumed = AssumedResponse(draws=4, moves=False)
    worked = shocked_segments(outcome(product()), like(), [], reform, [one], assumed)
    assert {m: set(np.round(v, 9)) for (_, m), v in worked.draws.items()} == {
        "USA": {0.5},
        "GBR": {0.5},
        "FRA": {0.6},
    }
    assert {place: set(v) for place, v in worked.elsewhere.items()} == {("tv", "FRA", "MEX"): {1.2}}
    assert worked.effects.kind == "shock"
    rows = {(r.market, r.origin): r.change.mean for r in worked.effects.markets if r.change}
    assert rows == pytest.approx(
        {("USA", ""): -0.5, ("GBR", ""): -0.5, ("FRA", ""): -0.4, ("FRA", "MEX"): 0.2}
    )


# --- stress


class Line:
    """A plan that earns USD 100 at five yuan, less so much for each unit of a shock's size."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, slope: float) -> None:
        self.slope, self.draws = slope, set[int]()
        monkeypatch.setattr(stress, "shock_scenario", self.under)
        monkeypatch.setattr(
            stress, "apply_scenario", lambda _, size: like(world=size, products=None)
        )
        monkeypatch.setattr(stress, "offers_in", lambda size, _: size)
        monkeypatch.setattr(
            stress,
            "profit_of_fixed_plan",
            lambda _, size=0.0, without=(): 5 * (np.array([80.0, 120.0]) - self.slope * size),
        )
        self.before: Any = like(choices=like(dollar=5.0), world=None)

    def under(self, _: Any, shocks: list[Shock], assumed: AssumedResponse) -> float:
        self.draws.add(assumed.draws)
        return shocks[0].size


ROW: Any = like(key="k", missing=(), plan=object())
"""A shock of which all is known."""


@pytest.mark.parametrize(
    ("slope", "floor", "size"), [(40.0, 0.0, 2.5), (40.0, 40.0, 1.5), (10.0, 1.0, 9.9)]
)
def test_the_smallest_shock_that_undoes_a_plan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, slope: float, floor: float, size: float
) -> None:
    """Of a straight line, to a four-thousandth of ten times the shock."""
    line = Line(monkeypatch, slope)
    one = shock(tmp_path, "[[closed]]\nweeks = 4\n")
    found: Any = stress._reverse(line.before, ROW, [one], AssumedResponse(draws=200), floor)
    assert line.draws == {40}
    assert found.size is not None
    assert size - 1e-9 <= found.size <= size + 10 / 2**12 + 1e-9
    assert (found.key, found.tried, found.gain, found.floor) == ("k", 10.0, 100.0, floor)
    assert found.left == pytest.approx(100 - 10 * slope)
    assert found.what == (Caution("policy.what_closed", {"value": f"{4 * found.size:.1f}"}),)


def test_a_plan_that_no_size_undoes_or_that_has_nothing_to_lose(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = shock(tmp_path, "[[closed]]\nweeks = 4\n")
    before = Line(monkeypatch, 9.0).before
    found: Any = stress._reverse(before, ROW, [one], AssumedResponse(draws=20), 0.0)
    assert (found.size, found.tried, found.left) == (None, 10.0, pytest.approx(10.0))
    poor: Any = stress._reverse(before, ROW, [one], AssumedResponse(draws=20), 100.0)
    assert (poor.size, poor.tried, poor.gain, poor.left) == (None, 0.0, 100.0, 100.0)


def test_each_alone_then_all_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With one shock the whole is the part and is not made again; the floor asks for reverses."""
    one, two = (
        shock(tmp_path, "[[closed]]\nweeks = 4\n", "one"),
        shock(
            tmp_path, '[[imports]]\nchange = -0.1\nyears = [2019, 2020]\nmarkets = ["USA"]\n', "two"
        ),
    )
    plan, made = like(), list[str]()

    def effects(of: str) -> Any:
        made.append(of)
        return like(plan=plan, settling=of, missing=())

    monkeypatch.setattr(stress, "shock_scenario", lambda _, shocks, __: shocks[0].key)
    monkeypatch.setattr(stress, "reoptimise", lambda _, scenario: effects(scenario))
    reverse: Any = lambda _, row, group, *__: (row.key, len(group))  # noqa: E731
    monkeypatch.setattr(stress, "_reverse", reverse)
    before = outcome(product())
    before.plan = like(rows=(), outside=(), sales_usd=0.0, computed_usd=0.0)
    far: list[float] = []
    with listening(lambda _, share: far.append(share)):
        both: Any = stress._stress(
            before, [one, two], AssumedResponse(), like(plan=plan, settling="all", missing=()), 0.0
        )
    assert far == pytest.approx([0, 1 / 4, 1 / 2, 2 / 3, 5 / 6])
    assert [(row.key, row.settling, row.measured) for row in both.rows] == [
        ("one", "one", 0),
        ("two", "two", 1),
        ("joint", "all", 0),
    ]
    assert both.reverse == (("one", 1), ("two", 1), ("joint", 2))
    made.clear()
    alone: Any = stress._stress(
        before, [one], AssumedResponse(), like(plan=plan, settling="all", missing=()), None
    )
    assert ([(row.key, row.settling) for row in alone.rows], made) == ([("one", "all")], [])
    assert alone.reverse == ()
    single: Any = stress._stress(
        before, [one], AssumedResponse(), like(plan=plan, settling="all", missing=()), 1.0
    )
    assert single.reverse == (("one", 1),)


def test_a_shock_that_is_over_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    one = shock(tmp_path, "[[closed]]\nweeks = 4\n")
    about = one.file.shock.model_copy(update={"until": date(2020, 12, 31)})
    over = replace(one, file=one.file.model_copy(update={"shock": about}))
    with pytest.raises(InputError):
        stress.shock_scenario(like(study=plain()), [over], AssumedResponse())


def test_what_does_not_move_is_not_told() -> None:
    assert not shocked._moves(np.ones(3))
    assert shocked._moves(np.array([1.0, 1.0, 1 + 1e-9]))


def test_up_to_three_shocks_are_named_and_more_are_counted() -> None:
    three, chinese = ["a", "b", "c"], ["甲", "乙", "丙"]
    assert stress._title(three, chinese) == ("a; b; c", "甲；乙；丙")
    english, zh = stress._title([*three, "d"], [*chinese, "丁"])
    assert "4" in english
    assert "4" in zh
    assert english != zh


CRASH = """
[[imports]]
markets = ["DEU"]
change = "-20%"
[[closed]]
weeks = 4
[[closed]]
weeks = 9
"""


@pytest.mark.parametrize(
    ("size", "sizes"), [(1.0, (-0.2, -13 / 52)), (2.0, (-0.36, -0.5)), (9.0, (0.8**9 - 1, -1.0))]
)
def test_a_fall_repeats_and_weeks_add_up(
    tmp_path: Path, size: float, sizes: tuple[float, ...]
) -> None:
    """As in a study: twice a fall of 20 % is 36 %, and no year has more than 52 weeks."""
    parts = measure_of_shock(shock(tmp_path, CRASH).scale_to(size), today(), "CHN").parts
    assert tuple(part.size for part in parts) == pytest.approx(sizes)


TELEVISIONS = {where: PublishedSum(where, "8528", 4, usd) for where, usd in
               (("DEU", 4e6), ("USA", 8e6))}  # fmt: skip
OTHERS = PublishedSum("USA", "", 3, 1e6)


def trade(ours: float, mexico: float) -> Flows:
    """Of one heading, all to the United States."""
    table = pl.DataFrame(
        {"exporter": ["CHN", "MEX"], "importer": "USA", "value_usd": [ours, mexico]}
    )
    return lambda heading: table if heading == "8528" else None


def of(measure: Measure, flows: Flows) -> Exposure:
    sums = measure.touched((*TELEVISIONS.values(), OTHERS))
    return exposure(measure, sums, "CHN", flows)


DUTY = '[[duty]]\nimporter = "USA"\nrate = "25%"\nnot_origins = ["MEX"]\n'


def test_a_duty_and_a_fall_of_demand_by_hand(tmp_path: Path) -> None:
    """Where one origin sells all, buyers spend what they spent; else by the closed form of CES."""
    fall = '[[imports]]\nmarkets = ["USA"]\nproducts = ["852872"]\nchange = "-50%"\n'
    measure = measure_of_shock(shock(tmp_path, DUTY + fall), today(), "CHN")
    alone = of(measure, trade(60.0, 0.0))
    assert alone.change is not None
    whole = (alone.change.low, alone.change.mean, alone.change.high)
    assert whole == pytest.approx([8e6 * (0.5 / 1.25 - 1)] * 3)
    assert (alone.firms, alone.touched, alone.computed, alone.uncomputed) == (4, 9e6, 8e6, 1e6)
    assert (alone.headings, alone.markets, alone.refund) == (("8528",), ("USA",), None)
    assert (alone.name, alone.source, alone.is_cut) == ("made-up", "a guess", False)
    rivals = of(measure_of_shock(shock(tmp_path, DUTY), today(), "CHN"), trade(60.0, 40.0))
    sigma = substitution_of("8528").draws(200, 1)
    index = (0.6 * 1.25 ** (1 - sigma) + 0.4) ** (1 / (1 - sigma))
    factors = index ** (sigma - 1) * 1.25**-sigma
    assert rivals.change is not None
    assert rivals.change.mean == pytest.approx(8e6 * (factors.mean() - 1))
    assert rivals.change.low == pytest.approx(8e6 * (np.quantile(factors, 0.1) - 1))
    unsold = of(measure, trade(0.0, 40.0))
    assert (unsold.change, unsold.computed, unsold.uncomputed) == (None, 0.0, 9e6)
    assert unsold.headings == ()


def test_points_of_refund_and_what_no_figure_is_made_of(tmp_path: Path) -> None:
    cut = '[[refund]]\npoints = "-4%"\n'
    freight = '[[freight]]\nmarkets = ["DEU"]\nchange = "50%"\n'
    made = of(measure_of_shock(shock(tmp_path, cut), today(), "CHN"), trade(1.0, 1.0))
    assert made.refund == pytest.approx(0.04 * 13e6)
    assert (made.change, made.uncomputed) == (None, 0.0)
    made = of(measure_of_shock(shock(tmp_path, freight), today(), "CHN"), trade(1.0, 1.0))
    assert (made.touched, made.uncomputed, made.refund, made.is_cut) == (4e6, 4e6, None, False)
    rate = '[[exchange]]\ncurrency = "EUR"\nchange = "-10%"\n'
    of_sets = '[[refund]]\nproducts = ["852872"]\npoints = "-4%"\n'
    double = shock(tmp_path, rate + of_sets).scale_to(2)
    made = of(measure_of_shock(double, today(), "CHN"), trade(1.0, 1.0))
    assert (made.touched, made.uncomputed) == (13e6, 13e6)
    assert made.refund == pytest.approx(0.08 * 12e6), "of the heading's sums"


def test_a_union_s_duty_is_of_its_members_and_a_duty_on_others_alone_is_no_harm(
    tmp_path: Path,
) -> None:
    union = '[[duty]]\nimporter = "EUR"\nrate = "5%"\n'
    (part,) = measure_of_shock(shock(tmp_path, union), today(), "CHN").parts
    assert part.markets is not None
    assert {"DEU", "FRA"} <= part.markets
    assert (part.origins("CHN"), part.origins("FRA")) == (True, False)
    others = '[[duty]]\nimporter = "USA"\norigins = ["VNM"]\nrate = "5%"\n'
    assert measure_of_shock(shock(tmp_path, others), today(), "CHN").parts == ()
    assert len(measure_of_shock(shock(tmp_path, others), today(), "VNM").parts) == 1


def test_what_a_reform_is_of(tmp_path: Path) -> None:
    """The general rate is not of headings with a rate of their own, a rate of goods of them alone.

    From 13 % to 9 % firms lose 4 points, batteries from 6 % to 3 % lose 3.
    """
    file = tmp_path / "reform.toml"
    rates = {"chn.refund.general": "9%", "chn.refund.battery": "3%", "eur.mfn.85287240": "0%",
             "eur.vat.deu": "20%"}  # fmt: skip
    rows = [f'[[rate]]\nid = "{id_}"\nvalue = "{value}"\nsince = 2026-06-01\n'
            for id_, value in rates.items()]  # fmt: skip
    file.write_text('[reform]\nname = "a reform"\n' + "".join(rows), encoding="utf-8")
    measure = measure_of_reform(read_reform(file), today(), date(2026, 10, 31))
    parts = {(part.kind, part.headings): part for part in measure.parts}
    general, cells = parts["refund", ()], next(p for k, p in parts.items() if "8507" in k[1])
    assert [general.size, cells.size] == pytest.approx([0.04, 0.03])
    assert "8507" in general.but
    assert "8528" not in general.but
    freed, tax = parts["duty", ("8528",)], parts["duty", ()]
    assert (freed.is_cut, tax.is_cut, freed.size) == (True, False, None)
    made = of(measure, trade(1.0, 1.0))
    assert (made.touched, made.uncomputed) == (12e6, 4e6), "not what may be batteries"
    assert made.refund == pytest.approx(0.04 * 12e6)
    assert not made.is_cut, "the tax is not"


def test_flows_are_of_the_latest_year_over_tiers() -> None:
    rows = [(2022, "CHN", "USA", 9.0), (2023, "CHN", "USA", 1.0), (2023, "CHN", "USA", 2.0)]
    assert latest_flows(flows(*rows)).rows() == [("CHN", "USA", 3.0)]
