"""``offing evidence``: does a claim hold on the loaded data?"""

from collections.abc import Iterator
from typing import Annotated, get_args

import polars as pl
from cyclopts import Parameter

from offing.cli.options import AsJson, WarehouseDir
from offing.cli.show import print_json, print_set_caution
from offing.estimators.clustered import Estimate
from offing.ladders.tiers import METHODS, method_name
from offing.policy.evidence.resilience import (
    MEASURES,
    WEIGHTINGS,
    Comparison,
    EventResult,
    Measure,
    Resilience,
    resilience,
)
from offing.report.terminal import console, print_line, table
from offing.terms.errors import InputError
from offing.terms.hs import product_code
from offing.terms.messages import enumerated, say
from offing.terms.products import product_label
from offing.terms.units import Unit
from offing.warehouse import Warehouse

CLAIMS = ("resilience",)
NAMED = 3
"""So many products are named; more are counted."""


def evidence(
    claim: Annotated[str, Parameter(help=say("evidence.help_claim"))],
    *,
    product: Annotated[str | None, Parameter(help=say("evidence.help_product"))] = None,
    unit: Annotated[str | None, Parameter(help=say("ladder.help_unit"))] = None,
    method: Annotated[str, Parameter(help=say("ladder.help_method"))] = METHODS[0],
    dataset: Annotated[str | None, Parameter(help=say("ladder.help_dataset"))] = None,
    warehouse: WarehouseDir = None,
    as_json: AsJson = False,
) -> None:
    """Check a claim on the loaded data."""
    _one_of(claim, CLAIMS, "evidence.unknown_claim")
    chosen_unit = None if unit is None else _unit(unit)
    house = Warehouse.open(warehouse)
    codes = [product_code(part) for part in (product or "").replace("，", ",").split(",") if part]
    name = house.trade_set(codes[0] if codes else "", dataset)
    flows = _flows(house, codes, name)
    result = resilience(flows, unit=chosen_unit, method=method_name(method))
    if as_json:
        print_json({"claim": claim, "dataset": name, "products": codes, "result": result})
        return
    _print(result, name, codes)
    if dataset is None:
        print_set_caution(house, codes[0] if codes else "", name)


def _one_of(text: str, options: tuple[str, ...], key: str) -> None:
    if text not in options:
        raise InputError(key, text=text, all=enumerated(options))


def _unit(text: str) -> Unit:
    for known in get_args(Unit):
        if text.strip().lower() == known:
            found: Unit = known
            return found
    raise InputError(
        "ladder.unknown_choice", text=text, option="--unit", all=enumerated(get_args(Unit))
    )


def _flows(house: Warehouse, codes: list[str], dataset: str) -> pl.DataFrame:
    if not codes:
        return house.table("flows", dataset)
    return pl.concat([house.flows(code, dataset=dataset) for code in codes]).unique(
        maintain_order=True
    )


def _signed(value: float) -> str:
    return f"{round(value, 1) + 0.0:+.1f}"


def _range(found: Estimate) -> dict[str, str]:
    return {"low": _signed(found.low), "high": _signed(found.high)}


def _verdict(found: Estimate) -> str:
    return say("evidence.clear" if found.clear else "evidence.unclear")


def _years(result: EventResult) -> dict[str, int]:
    event = result.event
    return {
        "before": event.before,
        "year": event.year,
        "after": event.after or event.year,
        "last": event.after or event.year,
        "tier_year": event.tier_year,
    }


def _print(result: Resilience, dataset: str, codes: list[str]) -> None:
    print_line(say("evidence.title"), "bold")
    named = 0 < len(codes) <= NAMED
    products = (
        say("evidence.joint").join(product_label(code) for code in codes)
        if named
        else say("evidence.products", count=result.products)
    )
    print_line(
        say(
            "evidence.scope",
            dataset=dataset,
            products=products,
            exporters=result.exporters,
            importers=result.importers,
            years=f"{result.years[0]}–{result.years[-1]}",
            method=result.method,
        )
    )
    print_line(_answer(result), "bold")
    for shock in result.shocks:
        if shock.comparisons:
            _print_shock(shock, result)
    console().print()
    print_line(say("evidence.cautions"), "bold")
    for sentence in _cautions(result):
        print_line(f"• {sentence}", "dim")


def _answer(result: Resilience) -> str:
    if not result.compared:
        return say("evidence.answer_untested")
    up, down = result.favours_high, result.favours_low
    kind = "mixed" if up and down else "high" if up else "low" if down else "none"
    said = say(f"evidence.answer_{kind}", up=up, down=down, compared=result.compared)
    against = [
        found for shock in result.shocks if shock.counts for found in shock.beyond_quiet.values()
    ]
    if (up or down) and against and not any(found.clear for found in against):
        return f"{said} {say('evidence.answer_quiet')}"
    return said


def _print_shock(shock: EventResult, result: Resilience) -> None:
    years = _years(shock)
    console().print()
    print_line(say("evidence.shock", **years), "bold")
    print_line(
        say(
            "evidence.shock_all",
            flows=f"{shock.flows:,}",
            change=f"{100 * shock.change:+.1f} %",
            **years,
        )
    )
    for sentence in _sentences(shock, result):
        print_line(sentence)
    console().print()
    console().print(_facts_table(shock))
    console().print(_comparison_table(shock))


def _sentences(shock: EventResult, result: Resilience) -> Iterator[str]:
    """One sentence for each measure, and one against quiet years."""
    years = _years(shock)
    for measure in MEASURES:
        equal = shock.comparison(measure, "equal")
        if equal is None:
            yield say(f"evidence.gap_{measure}", year=years["last"])
            continue
        dollar = shock.comparison(measure, "dollar")
        dollars = "" if dollar is None else _dollars(dollar)
        side = "better" if equal.high.value >= 0 else "worse"
        yield say(
            f"evidence.{measure}_{side}",
            points=f"{abs(equal.high.value):.1f}",
            interval=say("evidence.interval", **_range(equal.high)),
            verdict=_verdict(equal.high),
            dollars=dollars,
            **years,
        ).strip()
        if measure == "growth" and (found := shock.beyond_quiet.get("equal")) is not None:
            quiet = [
                str(other.event.year)
                for other in result.quiet
                if other.event.lagged == shock.event.lagged
            ]
            yield say(
                "evidence.beyond_quiet",
                years=say("evidence.joint").join(quiet),
                points=_signed(found.value),
                interval=say("evidence.interval", **_range(found)),
                verdict=_verdict(found),
            )


def _dollars(dollar: Comparison) -> str:
    return say(
        "evidence.dollars",
        points=_signed(dollar.high.value),
        interval=say("evidence.interval", **_range(dollar.high)),
    )


def _facts_table(shock: EventResult) -> object:
    years = _years(shock)

    def share(value: float | None) -> str:
        return "–" if value is None else f"{100 * value:.0f} %"

    def down(value: int | None, last: int) -> str:
        return say("evidence.not_yet", year=last) if value is None else str(value)

    return table(
        say("evidence.facts_title"),
        [
            say("evidence.column_tier"),
            say("evidence.column_flows"),
            say("evidence.column_base", **years),
            say("evidence.column_change"),
            *([say("evidence.column_back", **years)] if shock.event.after else []),
            say("evidence.column_alive", **years),
            say("evidence.column_down"),
        ],
        [
            [
                say(f"ladder.tier_{facts.tier}"),
                f"{facts.flows:,.0f}",
                f"{facts.base_usd / 1e6:,.0f}",
                f"{100 * facts.change:+.1f} %",
                *([share(facts.back)] if shock.event.after else []),
                share(facts.alive),
                down(facts.years_down, facts.path[-1][0]) if facts.path else "–",
            ]
            for facts in reversed(shock.tiers)
            if facts.base_usd > 0
        ],
        wrapped=tuple(range(7)),
    )


def _measure_name(measure: Measure, shock: EventResult) -> str:
    return say(f"evidence.measure_{measure}", **_years(shock))


def _comparison_table(shock: EventResult) -> object:
    rows = [
        [
            _measure_name(measure, shock),
            say(f"evidence.weights_{weighting}"),
            _signed(found.without_controls),
            _signed(found.high.value),
            say("evidence.range", **_range(found.high)),
            f"{found.flows:,}",
        ]
        for measure in MEASURES
        for weighting in WEIGHTINGS
        if (found := shock.comparison(measure, weighting)) is not None
    ]
    names = ("measure", "weights", "raw", "estimate", "interval", "flows")
    return table(
        say("evidence.compared_title"),
        [say(f"evidence.column_{name}") for name in names],
        rows,
        text_columns=(0, 1),
    )


def _cautions(result: Resilience) -> Iterator[str]:
    ways = next(iter(c.clusters for shock in result.shocks for c in shock.comparisons))
    yield say(
        "evidence.note_controls",
        ways=say("evidence.joint").join(say(f"evidence.way_{way}") for way in ways),
    )
    if result.compared:
        yield say(
            "evidence.note_chance", compared=result.compared, count=f"{0.05 * result.compared:.1f}"
        )
    for key, values in result.notes:
        yield say(key, **values)
