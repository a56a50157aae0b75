"""How ways of ranking did on years they had not seen, told."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from offing.forecast.nowcast.scoring import NowcastRecord, NowcastScore
from offing.forecast.results import Backtest, Score
from offing.report import words
from offing.report.blocks import (
    Block,
    Callout,
    Column,
    Figure,
    Figures,
    Shown,
    Table,
    Text,
    columns_of,
    number,
    table_of,
    texts_of,
)
from offing.report.charts import bars as chart
from offing.report.drawing import BESIDE, draw_twice
from offing.terms.messages import say
from offing.terms.numbers import NOTHING, difference, fixed_decimals, percent, value_or_dash

if TYPE_CHECKING:
    from offing.api.backtest import BacktestAnswer

OUTLOOK = "outlook"
PREFIX = "captured_top"
WHOLE = "all"
"""Scores of the whole data; others are of one part of it, and stand in ``--json``."""

Measure = tuple[str, str, str]
"""A column of a table: its heading, what it measures, and its weighting."""
OTHERS: tuple[Measure, ...] = (
    ("rank", "growth_rank", "equal"),
    ("partial", "growth_rank_partial", "equal"),
    ("coverage", "coverage80", "equal"),
    ("coverage_sums", "coverage80_sums", "equal"),
    ("crps", "crps", "equal"),
    ("skill", "crps_skill", "equal"),
    ("level", "expected_ratio", "dollar"),
)
Scores = dict[tuple[str, str, str], Score]
"""Way of ranking, measure and weighting → score of the whole data."""


def view(answer: "BacktestAnswer") -> tuple[Block, ...]:
    """For each horizon what the first markets captured, the other measures, and a verdict."""
    told = [
        block
        for backtest in answer.backtests
        for block in _record_blocks(backtest, answer.tops[:2])
    ]
    months = () if answer.nowcast is None else _nowcast(answer.nowcast)
    return (*told, *months)


def _record_blocks(backtest: Backtest, tops: Sequence[int]) -> Iterable[Block]:
    heading = say(
        "backtest.heading",
        dataset=backtest.dataset,
        horizon=backtest.horizon,
        years=words.join_words(map(str, backtest.origins)),
        groups=fixed_decimals(backtest.groups, 0),
    )
    name, last = f"backtest-{backtest.horizon}", tops[-1]
    ranked = rank_scores(backtest, last)
    by = {(s.rival, s.measure, str(s.weighting)): s for s in backtest.scores if s.part == WHOLE}
    yield Text((heading,), "lead")
    yield Figures((ranking_figure(name, backtest, last, OUTLOOK),))
    counts = [s.count for s in ranked if s.count is not None]
    heads = [
        (top, way, say("backtest.column_top", top=top, weighting=say(f"backtest.{way}_short")))
        for way in ("dollar", "equal")
        for top in tops
    ]
    caption = say("backtest.captured", count=f"{max(counts, default=0):,}")
    yield captured_table(f"{name}-captured", caption, backtest, heads, last, _points)
    yield Text(tuple(lead_sentences(backtest.scores, last)), "lead")
    yield _measures(f"{name}-other", ranked, by)
    explained = ("", "_columns", "_level", "_log")
    yield Text(tuple(say(f"backtest.explain{suffix}") for suffix in explained), "note")
    if backtest.silent_pairs > 0:
        shares = {"pairs": backtest.silent_pairs, "sales": backtest.silent_sales}
        told = {which: percent(share, 1) for which, share in shares.items()}
        yield Text((say("backtest.silent", **told),), "note")
    for note in backtest.notes:
        yield Callout(say(note))


def ranking_figure(
    name: str,
    backtest: Backtest,
    top: int,
    ours: str | None,
    *,
    heading: str = "",
    caption: str = "",
    tables: tuple[Table, ...] = (),
    wide: bool = True,
) -> Figure:
    """What the first markets of each way of ranking captured, as a picture.

    Args:
        name: unique on the page.
        backtest: the scores.
        top: the size of the list.
        ours: the way of ranking that is set off.
        heading: what it is of.
        caption: how to read it.
        tables: its numbers.
        wide: whether it stands alone.
    """
    scores = rank_scores(backtest, top)
    best = next((s for s in scores if s.rival != "oracle"), scores[0])
    title = heading or say("report.proof_title", top=top)
    title = words.finding(title, chart.rival_name(best.rival), percent(best.value, 0))
    picture = partial(chart.draw_scores, name, scores, ours, top)
    if wide:
        picture = partial(draw_twice, chart.draw_scores, name, scores, ours, top, lanes=BESIDE)
    return Figure(name, title, picture, caption, tables, wide=wide, source=backtest.dataset)


def rank_scores(backtest: Backtest, top: int, weighting: str = "dollar") -> list[Score]:
    """Scores of one measure, the best first; a tie in the order of names."""
    rows = [
        s
        for s in backtest.scores
        if s.measure == f"{PREFIX}{top}" and s.weighting == weighting and s.part == WHOLE
    ]
    return sorted(rows, key=lambda s: (-s.value, s.rival))


def captured_table(
    name: str,
    caption: str,
    backtest: Backtest,
    tops: Iterable[tuple[int, str, str]],
    first: int,
    cell: Callable[[Score], str],
) -> Table:
    """What the first markets of each way of ranking captured, the best by dollar first.

    Args:
        name: unique on the page.
        caption: of the table.
        backtest: the scores.
        tops: sizes of the lists, each with its weighting and heading.
        first: the size that orders the rows.
        cell: a score in words.
    """

    def top_column(top: int, weighting: str, heading: str) -> Shown[Score]:
        scores = {s.rival: s for s in rank_scores(backtest, top, weighting)}
        return Column(heading), lambda row: value_or_dash(scores.get(row.rival), cell)

    return table_of(
        name,
        caption,
        rank_scores(backtest, first),
        (say("report.rival"), lambda row: chart.rival_name(row.rival)),
        *(top_column(*top) for top in tops),
    )


def _points(score: Score) -> str:
    value, low, high = (fixed_decimals(100 * x, 1) for x in (score.value, score.low, score.high))
    return f"{value} ({low} … {high})"


def _measures(name: str, rivals: Sequence[Score], by: Scores) -> Table:
    """Measures of ways of ranking, a row for each of them; those that none has are left out."""

    def column(key: str, measure: str, weighting: str) -> Shown[Score]:
        times, places = (100, 1) if key == "skill" else (1, 3)

        def cell(row: Score) -> str:
            score = by.get((row.rival, measure, weighting))
            return NOTHING if score is None else fixed_decimals(times * score.value, places)

        return say(f"backtest.column_{key}"), cell

    known = {(measure, weighting) for _, measure, weighting in by}
    there = [column(*one) for one in OTHERS if one[1:] in known]
    name_column = (say("report.rival"), lambda row: chart.rival_name(row.rival))
    return table_of(name, say("backtest.other"), rivals, name_column, *there)


def lead_sentences(scores: Iterable[Score], top: int) -> Iterator[str]:
    """Over the bar that costs nothing; by tier over the one that is blind to tiers too."""
    mine = {(s.measure, s.weighting): s for s in scores if (s.rival, s.part) == (OUTLOOK, WHOLE)}
    for lead in ("lead_mean", "lead_blind"):
        dollar, equal = (mine.get((f"{lead}_top{top}", way)) for way in ("dollar", "equal"))
        if dollar is None or equal is None:
            continue
        low, high = round(dollar.low, 3), round(dollar.high, 3)
        clear = "ahead" if low > 0 else "behind" if high < 0 else "unclear"
        key = "blind" if lead == "lead_blind" else clear
        ends = _lead_ends("lead", dollar) | _lead_ends("equal", equal)
        yield say(f"backtest.verdict_{key}", top=top, **ends)


def _lead_ends(name: str, score: Score) -> dict[str, str]:
    """A lead and its interval in points, as sentences name them."""
    ends = f"{name}=value", f"{name}_low=low", f"{name}_high=high"
    return texts_of(score, lambda value: difference(100 * value, 1), *ends)


def _nowcast(record: NowcastRecord) -> Iterable[Block]:
    """For each count of months: every way of telling the year, on the same flows."""
    heading = say(
        "backtest.nowcast_heading",
        dataset=record.dataset,
        sets=words.join_words(record.monthly),
        years=words.join_words(str(year + 1) for year in record.years),
    )
    yield Text((heading,), "lead")
    mills = partial(fixed_decimals, places=3)
    for months in dict.fromkeys(row.months for row in record.scores):
        rows = [row for row in record.scores if row.months == months]
        yield table_of(
            f"nowcast-{months}",
            say("backtest.nowcast_months", count=months, flows=fixed_decimals(rows[0].flows, 0)),
            rows,
            (say("report.rival"), lambda row: say(f"backtest.way_{row.way}")),
            *columns_of("backtest.column_{}", mills, "log_error", "crps"),
            *columns_of("backtest.column_{}", percent, "sales_error", "held80=coverage80"),
            (number("backtest.column_skill_outlook"), _month_skill),
        )
        kinds = zip(("steady", "uneven", "lumpy"), record.learnt[months], strict=True)
        learnt = {kind: percent(weight, 0) for kind, weight in kinds}
        yield Text((say("backtest.nowcast_learnt", **learnt),))
    yield Text((say("backtest.explain_nowcast"),), "note")


def _month_skill(row: NowcastScore) -> str:
    if row.way == OUTLOOK:
        return NOTHING
    ends = (fixed_decimals(100 * value, 1) for value in (row.skill_low, row.skill_high))
    return f"{fixed_decimals(100 * row.skill, 1)} ({' … '.join(ends)})"
