"""``offing backtest``: score the rankings out of time on the loaded data."""

from collections.abc import Sequence
from typing import Annotated

import numpy as np
import polars as pl
from cyclopts import Parameter

from offing.cli.options import AsJson, WarehouseDir
from offing.cli.show import print_json, print_set_caution, progress
from offing.forecast.backtest import Design
from offing.forecast.backtest import backtest as score_rankings
from offing.forecast.ranking import whole_trade
from offing.forecast.results import Backtest, Score
from offing.report.terminal import console, print_line, table
from offing.report.words import listed
from offing.terms.countries import country_code
from offing.terms.errors import InputError, MissingDataError
from offing.terms.hs import product_code
from offing.terms.messages import enumerated, known, say
from offing.warehouse import Warehouse

OUTLOOK = "outlook"
TERCILES = ("low", "middle", "high")


def backtest(
    *,
    dataset: Annotated[str | None, Parameter(help=say("backtest.help_dataset"))] = None,
    horizon: Annotated[str, Parameter(help=say("backtest.help_horizon"))] = "1",
    origins: Annotated[str | None, Parameter(help=say("backtest.help_origins"))] = None,
    top: Annotated[str, Parameter(help=say("backtest.help_top"))] = "5,10,20",
    origin_country: Annotated[
        str | None, Parameter(help=say("backtest.help_origin_country"))
    ] = None,
    product: Annotated[str | None, Parameter(help=say("backtest.help_product"))] = None,
    tiers: Annotated[bool, Parameter(negative="", help=say("backtest.help_tiers"))] = False,
    seed: Annotated[int, Parameter(help=say("backtest.help_seed"))] = 1,
    warehouse: WarehouseDir = None,
    as_json: AsJson = False,
) -> None:
    """Score every way of ranking on years it had not seen."""
    horizons = numbers(horizon, "--horizon", "1,2,3")
    tops = tuple(numbers(top, "--top", "5,10,20"))
    base_years = None if origins is None else numbers(origins, "--origins", "2020,2021")
    exporter = None if origin_country is None else country_code(origin_country)
    code = None if product is None else product_code(product)
    house = Warehouse.open(warehouse)
    history, name = whole_trade(house, dataset=dataset, product=code, tiers=tiers)
    if len(history.years) < 2:
        raise MissingDataError("backtest.one_year", years=enumerated(history.years))
    design = Design(
        origins=base_years,
        tops=tops,
        exporter=exporter,
        product=code,
        income=_income(house),
        seed=seed,
    )
    made = []
    with progress() as move:
        for number, years in enumerate(horizons):

            def share(done: float, number: int = number) -> None:
                move(say("backtest.running"), (number + done) / len(horizons))

            made.append(
                score_rankings(
                    history,
                    horizon=years,
                    dataset=name,
                    design=design,
                    progress=share,
                )
            )
    if as_json:
        print_json({"backtests": made})
        return
    for one in made:
        _print(one, tops)
    if dataset is None:
        print_set_caution(house, code or "", name)


def numbers(text: str, option: str, example: str) -> list[int]:
    """Whole numbers above zero, separated by commas.

    Raises:
        InputError: ``backtest.bad_numbers``.
    """
    try:
        found = [int(part) for part in text.replace("，", ",").split(",")]
    except ValueError:
        found = []
    if not found or min(found) < 1:
        raise InputError("backtest.bad_numbers", text=text, option=option, example=example)
    return list(dict.fromkeys(found))


def _income(house: Warehouse) -> dict[str, str]:
    """Countries in thirds by GDP per head in the newest year that is known."""
    wide = (
        house.table("indicators")
        .filter(pl.col("name").is_in(["gdp_usd", "population"]))
        .pivot("name", index=["country", "year"], values="value")
    )
    if not {"gdp_usd", "population"} <= set(wide.columns):
        return {}
    latest = (
        wide.drop_nulls()
        .filter(pl.col("population") > 0)
        .sort("year")
        .group_by("country", maintain_order=True)
        .agg((pl.col("gdp_usd") / pl.col("population")).last().alias("income"))
        .sort("income", "country")
    )
    third = np.minimum(np.arange(latest.height) * 3 // max(latest.height, 1), 2)
    return {country: TERCILES[at] for country, at in zip(latest["country"], third, strict=True)}


def _points(score: Score | None, *, sign: bool = False) -> str:
    if score is None:
        return "–"
    shape = "+.1f" if sign else ".1f"
    return f"{100 * score.value:{shape}} ({100 * score.low:{shape}} … {100 * score.high:{shape}})"


def _plain(score: Score | None) -> str:
    return "–" if score is None else f"{score.value:.3f}"


def in_order(made: Backtest, top: int) -> list[str]:
    """The ways of ranking, the best first by the growth their first markets captured."""
    values = {
        s.rival: s.value
        for s in made.scores
        if s.part == "all" and s.weighting == "dollar" and s.measure == f"captured_top{top}"
    }
    return sorted(values, key=lambda name: (-values[name], name))


def _print(made: Backtest, tops: Sequence[int]) -> None:
    by: dict[tuple[str, str, str], Score] = {
        (s.rival, s.measure, str(s.weighting)): s for s in made.scores if s.part == "all"
    }
    shown = tuple(tops)[:2]
    out = console()
    print_line(
        say(
            "backtest.heading",
            dataset=made.dataset,
            horizon=made.horizon,
            years=listed(map(str, made.origins)),
            groups=f"{made.groups:,}",
        ),
        "bold",
    )
    out.print()
    rivals = in_order(made, shown[-1])
    for weighting in ("dollar", "equal"):
        out.print(
            table(
                say(f"backtest.captured_{weighting}"),
                [
                    say("backtest.column_rival"),
                    *(say("backtest.column_top", top=k) for k in shown),
                ],
                [
                    [
                        say(f"market.rival_{name}"),
                        *(_points(by.get((name, f"captured_top{k}", weighting))) for k in shown),
                    ]
                    for name in rivals
                ],
            )
        )
    out.print(
        table(
            say("backtest.other"),
            [
                say("backtest.column_rival"),
                *(
                    say(f"backtest.column_{name}")
                    for name in ("rank", "partial", "entry", "coverage", "crps", "level")
                ),
            ],
            [
                [
                    say(f"market.rival_{name}"),
                    *(
                        _plain(by.get((name, measure, weighting)))
                        for measure, weighting in (
                            ("growth_rank", "equal"),
                            ("growth_rank_partial", "equal"),
                            ("entry_precision", "equal"),
                            ("coverage80", "equal"),
                            ("crps", "equal"),
                            ("expected_ratio", "dollar"),
                        )
                    ),
                ]
                for name in rivals
            ],
        )
    )
    _print_parts(made, shown[-1])
    _print_verdict(by, shown[-1])
    print_line(say("backtest.explain"), "dim")
    print_line(say("backtest.explain_columns"), "dim")
    print_line(say("backtest.explain_log"), "dim")
    for note in made.notes:
        print_line(f"! {say(note)}", "yellow")
    out.print()


def _print_parts(made: Backtest, top: int) -> None:
    leads = {
        (s.part, s.weighting): s
        for s in made.scores
        if s.rival == OUTLOOK and s.measure == f"lead_top{top}" and s.part != "all"
    }
    parts = list(dict.fromkeys(part for part, _ in leads))
    if len(parts) < 2:
        return
    rows = []
    for part in parts:
        kind, _, name = part.partition(":")
        key = f"backtest.part_{kind}_{name}"
        rows.append(
            [
                say(key) if known(key) else say(f"backtest.part_{kind}", name=name),
                _points(leads.get((part, "dollar")), sign=True),
                _points(leads.get((part, "equal")), sign=True),
            ]
        )
    heads = [
        say("backtest.column_part"),
        say("backtest.column_lead_short"),
        say("backtest.column_equal_short"),
    ]
    console().print(table(say("backtest.parts", top=top), heads, rows))


def _print_verdict(by: dict[tuple[str, str, str], Score], top: int) -> None:
    dollar = by.get((OUTLOOK, f"lead_top{top}", "dollar"))
    equal = by.get((OUTLOOK, f"lead_top{top}", "equal"))
    if dollar is None or equal is None:
        return

    def points(value: float) -> str:
        return f"{100 * value:+.1f}"

    values = {
        "top": top,
        "lead": points(dollar.value),
        "low": points(dollar.low),
        "high": points(dollar.high),
        "equal": points(equal.value),
        "equal_low": points(equal.low),
        "equal_high": points(equal.high),
    }
    key = "backtest.verdict_ahead" if dollar.low > 0 else "backtest.verdict_not"
    print_line(say(key, **values), "bold")
