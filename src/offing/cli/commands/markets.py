"""``offing markets``: rank the markets and segments of a product."""

from typing import Annotated

from cyclopts import Parameter

from offing.cli.options import AsJson, WarehouseDir
from offing.cli.show import print_json, print_set_caution
from offing.forecast.backtest.verdict import verdict
from offing.forecast.ranking import (
    ForecastTask,
    backtest_product,
    latest_full_year,
    rank_product,
    reordered,
    with_total,
)
from offing.forecast.results import AXES, Axis, Backtest, Ranking, Segment
from offing.forecast.scores import method as ranking_method
from offing.forecast.scores import sees_later
from offing.forecast.scores import unit as unit_of_score
from offing.ladders.tiers import METHODS
from offing.report.terminal import console, print_line, table
from offing.report.words import listed
from offing.terms.countries import country_code, country_name
from offing.terms.errors import InputError
from offing.terms.hs import product_code
from offing.terms.messages import say
from offing.warehouse import Warehouse

LONGEST = 10
PROOF_TOP = 10


def markets(
    product: Annotated[str, Parameter(help=say("market.help_product"))],
    *,
    origin: Annotated[str, Parameter(help=say("market.help_origin"))],
    as_of: Annotated[int | None, Parameter(help=say("market.help_as_of"))] = None,
    horizon: Annotated[int, Parameter(help=say("market.help_horizon"))] = 2,
    tiers: Annotated[bool, Parameter(negative="", help=say("market.help_tiers"))] = False,
    by: Annotated[str, Parameter(help=say("market.help_by"))] = "outlook",
    top: Annotated[int, Parameter(help=say("market.help_top"))] = 15,
    dataset: Annotated[str | None, Parameter(help=say("market.help_dataset"))] = None,
    seed: Annotated[int, Parameter(help=say("market.help_seed"))] = 1,
    warehouse: WarehouseDir = None,
    as_json: AsJson = False,
) -> None:
    """Print the ranking with its axes, outlook and record."""
    code, exporter = product_code(product), country_code(origin)
    checked_horizon(horizon)
    if top < 1:
        raise InputError("market.bad_top", text=top)
    ranking_method(by)
    if sees_later(by):
        raise InputError("market.sees_later", text=by)
    house = Warehouse.open(warehouse)
    chosen = house.trade_set(code, dataset, as_of)
    year = as_of or latest_full_year(house.flows(code, dataset=chosen))
    task = ForecastTask(code, chosen, year, horizon, METHODS[0] if tiers else None, seed)
    made = rank_product(house, task, exporter)
    if by != "outlook":
        made = reordered(house, made, by, tiers=task.method)
    proof = backtest_product(house, task, also=by)
    made = with_total(house, made, proof, tiers=task.method)
    if as_json:
        print_json({"ranking": made, "by": by, "backtest": proof, "total": verdict(proof)})
        return
    _print(made, by, proof, top, with_tiers=tiers)
    if dataset is None:
        print_set_caution(house, code, chosen, as_of)


def checked_horizon(horizon: int) -> None:
    """Refuse a horizon that nobody can look ahead.

    Raises:
        InputError: ``market.bad_horizon``.
    """
    if not 1 <= horizon <= LONGEST:
        raise InputError("market.bad_horizon", horizon=horizon)


def _millions(value: float | None) -> str:
    if value is None or value != value:
        return "–"
    size = abs(value)
    return f"{value / 1e6:,.{0 if size >= 1e8 or size == 0 else 1 if size >= 1e6 else 3}f}"


def _hundred(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.0f}"


def _axis(axis: Axis) -> str:
    return _hundred(axis.score)


def _name(place: int, segment: Segment, *, with_tiers: bool) -> str:
    tier = "unplaced" if segment.tier == "all" else segment.tier
    name = country_name(segment.market)
    if with_tiers:
        name = say("market.segment", market=name, tier=say(f"market.tier_{tier}"))
    return f"{place}. {name}"


def _print(made: Ranking, by: str, proof: Backtest, top: int, *, with_tiers: bool) -> None:
    out = console()
    in_usd = unit_of_score(by) == "usd"

    def score(segment: Segment) -> str:
        value = segment.outlook.gain_usd if by == "outlook" else segment.score
        return _millions(value) if in_usd or value is None else f"{value:.3f}"

    print_line(
        say(
            "market.heading",
            product=made.product,
            origin=country_name(made.origin),
            year=made.year,
            horizon=made.horizon,
            dataset=made.dataset,
        ),
        "bold",
    )
    print_line(say("market.heading_by", rival=say(f"market.rival_{by}")))
    out.print()
    shown = [
        (_name(place, segment, with_tiers=with_tiers), segment)
        for place, segment in enumerate(made.segments[:top], start=1)
    ]
    out.print(
        table(
            say("market.table_outlook"),
            [
                say("market.column_market"),
                str(made.year),
                say("market.column_expected", year=made.year + made.horizon),
                say("market.column_interval"),
                say("market.column_gain" if by == "outlook" else f"market.short_{by}"),
            ],
            [
                [
                    name,
                    _millions(segment.outlook.base_usd),
                    _millions(segment.outlook.expected_usd),
                    f"{_millions(segment.outlook.low80)} – {_millions(segment.outlook.high80)}",
                    score(segment),
                ]
                for name, segment in shown
            ],
        )
    )
    with_sum = any(segment.total is not None for segment in made.segments)
    out.print(
        table(
            say("market.table_axes"),
            [
                say("market.column_market"),
                *(say(f"market.column_{name}") for name in AXES),
                *([say("market.short_blue_ocean")] if with_sum else []),
                say("market.column_coverage"),
            ],
            [
                [
                    name,
                    *(_axis(segment.axis(axis)) for axis in AXES),
                    *([_hundred(segment.total)] if with_sum else []),
                    f"{100 * segment.coverage:.0f} %",
                ]
                for name, segment in shown
            ],
        )
    )
    if len(made.segments) > top:
        print_line(say("market.more_rows", count=len(made.segments) - top))
    _print_proof(by, proof)
    if by == "outlook":
        print_line(say("market.explain_gain"), "dim")
    print_line(say("market.explain_axes"), "dim")
    _print_verdict(proof)
    for note in dict.fromkeys([*made.notes, *proof.notes]):
        print_line(f"! {say(note)}", "yellow")


def _print_verdict(proof: Backtest) -> None:
    """Why the blue-ocean total stands there, or does not."""
    found = verdict(proof)
    shares = {
        name: f"{_hundred(getattr(found, name))} %" for name in ("captured", "persistence", "size")
    }
    print_line(say(f"market.total_{found.reason}", top=found.top, **shares), "dim")


def _print_proof(by: str, proof: Backtest) -> None:
    """How the way of ranking did before, in one line."""
    found = {
        s.rival: s
        for s in proof.scores
        if s.measure == f"captured_top{PROOF_TOP}" and s.weighting == "dollar" and s.part == "all"
    }
    if by not in found:
        print_line(say("market.no_proof", horizon=proof.horizon))
        return

    def percent(value: float) -> str:
        return f"{100 * value:.0f} %"

    mine = found[by]
    print_line(
        say(
            "market.proof_line",
            years=listed(map(str, proof.origins)),
            horizon=proof.horizon,
            top=PROOF_TOP,
            rival=say(f"market.rival_{by}"),
            share=percent(mine.value),
            low=percent(mine.low),
            high=percent(mine.high),
            other=percent(found["persistence"].value),
            best=percent(found["oracle"].value),
        )
    )
