"""How the running year would have been told from its months, told."""

from collections.abc import Callable, Iterable

from offing.forecast.nowcast import Record
from offing.forecast.nowcast.scoring import NowcastScore
from offing.report import words
from offing.report.blocks import Block, Column, Shown, Text, table_of
from offing.terms.messages import say
from offing.terms.numbers import fixed, percent


def view(record: Record) -> Iterable[Block]:
    """For each count of months: every way of telling the year, on the same flows."""
    heading = say(
        "backtest.nowcast_heading",
        dataset=record.dataset,
        sets=words.listed(record.monthly),
        years=words.listed(str(year + 1) for year in record.years),
    )
    yield Text((heading,), "lead")
    for months in dict.fromkeys(row.months for row in record.scores):
        rows = [row for row in record.scores if row.months == months]
        yield table_of(
            f"nowcast-{months}",
            say("backtest.nowcast_months", count=months, flows=fixed(rows[0].flows, 0)),
            rows,
            (say("report.rival"), lambda row: say(f"backtest.way_{row.way}")),
            _of("log_error", lambda row: fixed(row.log_error, 3)),
            _of("sales_error", lambda row: percent(row.sales_error, 1)),
            _of("crps", lambda row: fixed(row.crps, 3)),
            _of("held80", lambda row: percent(row.coverage80, 0)),
            _of("skill_outlook", _skill),
        )
        learnt = (percent(weight, 0) for weight in record.learnt[months])
        steady, uneven, lumpy = learnt
        sentence = say("backtest.nowcast_learnt", steady=steady, uneven=uneven, lumpy=lumpy)
        yield Text((sentence,))
    yield Text((say("backtest.explain_nowcast"),), "note")


def _of(column: str, shown: Callable[[NowcastScore], str]) -> Shown[NowcastScore]:
    return Column(say(f"backtest.column_{column}")), shown


def _skill(row: NowcastScore) -> str:
    if row.way == "outlook":
        return "–"
    ends = (fixed(100 * value, 1) for value in (row.skill_low, row.skill_high))
    return f"{fixed(100 * row.skill, 1)} ({' … '.join(ends)})"
