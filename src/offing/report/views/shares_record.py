"""The record of a province's outlook, told: a sentence with both halves, then the table."""

from collections.abc import Iterable, Iterator

from offing.forecast.province_record import BARS, LEAST, Lead, SharesRecord
from offing.report import words
from offing.report.blocks import Block, Table, Text, number, table_of, text
from offing.terms.messages import say
from offing.terms.numbers import change, fixed, percent

MEASURED = ("crps", "quantile_loss")
"""Of the bars: a pair counts as a pair, and as what was sold in it."""


def in_short(record: SharesRecord) -> str:
    """Which bars it was better than, and which not, for a first screen."""
    if not record.leads:
        return say("province.record_short_none")
    won: list[str] = []
    rest: list[str] = []
    for bar in BARS:
        named = say(f"province.way_{bar}")
        better = [m for m in MEASURED if (lead := record.lead(bar, m)) is not None and lead.low > 0]
        if len(better) == 1:
            named = say(f"province.{better[0]}_only", bar=named)
        (won if better else rest).append(named)
    key = "both" if not rest else "neither" if not won else "one"
    first, second = (*won, *rest)
    return say(f"province.record_short_{key}", first=first, second=second)


def in_a_sentence(record: SharesRecord) -> str:
    """How right it was; else why that is not known."""
    mine, wide = record.score("at_shares"), record.score("widened")
    if mine is None or wide is None:
        return say("province.record_none", pairs=LEAST)
    return say(
        "province.record",
        years=_base_years(record),
        count=record.horizon,
        pairs=record.pairs,
        bars=_beside_bars(record, "crps"),
        by_value=_beside_bars(record, "quantile_loss"),
        plain=percent(mine.coverage80, 0),
        wide=percent(wide.coverage80, 0),
    )


def _base_years(record: SharesRecord) -> str:
    """From the first to the last, or the only one."""
    return "–".join(dict.fromkeys(map(str, (record.base_years[0], record.base_years[-1]))))


def _beside_bars(record: SharesRecord, measure: str) -> str:
    leads = (record.lead(bar, measure) for bar in BARS)
    return words.series(_beside(lead) for lead in leads if lead is not None)


def _beside(lead: Lead) -> str:
    key = "better" if lead.low > 0 else "worse" if lead.high < 0 else "same"
    return say(
        f"province.record_{key}",
        bar=say(f"province.way_{lead.bar}"),
        less=percent(abs(lead.value), 0),
        error=change(-lead.value),
        low=change(-lead.high),
        high=change(-lead.low),
    )


def of_intervals(record: SharesRecord, ahead: int) -> Iterable[str]:
    """What the intervals of ``ahead`` years hold, and what they do not."""
    wider = record.widening
    if wider is None:
        yield say("province.not_widened", pairs=LEAST)
        return
    yield say("province.widened", outcomes=wider.learnt_from, count=record.horizon)
    if ahead > record.horizon:
        yield say("province.widened_further", ahead=ahead, count=record.horizon)


def view(record: SharesRecord) -> Iterator[Block]:
    """The sentence, the table, and what its columns are."""
    yield Text((in_a_sentence(record),))
    if not record.scores:
        return
    yield _table(record)
    begun = say("province.record_begun", share=percent(record.begun, 1))
    yield Text((say("province.explain_record"), begun), "note")


def _table(record: SharesRecord) -> Table:
    return table_of(
        "record",
        say("province.record_table", years=_base_years(record)),
        record.scores,
        (text("province.column_way"), lambda row: say(f"province.way_{row.way}")),
        (number("province.column_crps"), lambda row: fixed(row.crps, 2)),
        (number("province.column_quantile_loss"), lambda row: fixed(row.quantile_loss, 2)),
        (number("province.column_log_error"), lambda row: fixed(row.log_error, 2)),
        (number("province.column_inside"), lambda row: percent(row.coverage80, 0)),
        (number("province.column_inside_usd"), lambda row: percent(row.coverage80_usd, 0)),
    )
