"""Markets that a study's tables name and no figure rests on: often another one, mistyped."""

from collections.abc import Collection, Iterator

from offing.study.file import Study
from offing.terms.caution import Caution, CountryCode, Value, countries
from offing.terms.nearest import nearest

SIMILAR = 0.6
"""Of two codes: two letters of three are the same, as those of AUS and AUT."""


def unread_markets(
    study: Study, looked_at: Collection[str], models: Collection[str]
) -> Iterator[Caution]:
    """Markets of tables that are none of the plan's.

    Where all markets are considered, each is said. Where the study names its own, a table may be
    kept for more of them: then one is said that looks like a market without a figure in the table,
    or all where the table has none of the plan's.

    Args:
        study: the study.
        looked_at: the plan's markets.
        models: keys of the models that the plan knows.
    """
    every = study.markets.consider == "all"
    in_plan = {*looked_at, *([] if every else study.markets.consider)}
    decided = {*in_plan, *study.markets.leave_out}
    for table, named in tables_by_market(study, models):
        unread = sorted(set(named) - decided)
        open_to = in_plan - set(named)
        near = {market: nearest(market, open_to, SIMILAR) for market in unread}
        none = not decided & set(named)
        for market in unread:
            if (other := near[market]) is not None:
                values: dict[str, Value] = {
                    "table": table,
                    "market": CountryCode(market),
                    "code": market,
                }
                values |= {"destination": CountryCode(other), "other": other}
                yield Caution("study.warn_market_mistyped", values)
        if rest := [market for market in unread if near[market] is None and (every or none)]:
            yield Caution("study.warn_market_unread", {"table": table, "markets": countries(rest)})


def tables_by_market(
    study: Study, models: Collection[str]
) -> Iterator[tuple[str, Collection[str]]]:
    """What stands in the file by market: the table or key, and the markets that it names."""
    yield "[duty]", study.duty
    yield "[[channel]] markets", [m for channel in study.channel for m in channel.markets]
    yield "[entering.market]", study.entering.market
    yield "[keeping.market]", study.keeping.market
    yield "[[announced]]", [duty.market for duty in study.announced]
    if study.settlement is not None:
        yield "[settlement.market_accepts]", study.settlement.market_accepts
    for plant in study.plant:
        yield f"[[plant]] {plant.key} preference", [rate.market for rate in plant.preference]
    for model in study.model:
        if model.key in models:
            yield f"[[model]] {model.key} market_prices_usd", model.market_prices_usd
