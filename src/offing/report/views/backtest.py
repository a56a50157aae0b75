"""How ways of ranking did on years they had not seen, told."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from offing.forecast.backtest.measures import BARS
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
    number,
    table_of,
)
from offing.report.charts import bars as chart
from offing.report.drawing import BESIDE
from offing.terms.messages import has_message as worded
from offing.terms.messages import say
from offing.terms.numbers import fixed_decimals, percent, value_or_dash

if TYPE_CHECKING:
    from offing.api.backtest import BacktestAnswer

OUTLOOK = "outlook"
PREFIX = "captured_top"
WHOLE = "all"
"""Scores of the whole data; others are of one part of it."""
ENTRIES = tuple(
    (column, f"entry_{measure}_{kind}")
    for kind in ("new", "returning")
    for column, measure in ((kind, "precision"), ("over_density", "over_density"), ("sum", "sum"))
)
"""Columns of where nothing is sold today, each with its measure."""
OTHERS = (
    ("rank", "growth_rank", "equal"),
    ("partial", "growth_rank_partial", "equal"),
    ("coverage", "coverage80", "equal"),
    ("coverage_sums", "coverage80_sums", "equal"),
    ("crps", "crps", "equal"),
    ("skill", "crps_skill", "equal"),
    ("level", "expected_ratio", "dollar"),
)
"""Columns of other measures, each with its measure and weighting."""

Scores = dict[tuple[str, str, str], Score]
"""Way of ranking, measure and weighting → score of the whole data."""
Measure = tuple[str, str, str, Callable[[Score], str]]
"""A column: its heading, measure and weighting, and a score in words."""


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
    picture = partial(chart.draw_scores, name, ranked, OUTLOOK, last, BESIDE)
    best = next((s for s in ranked if s.rival != "oracle"), ranked[0])
    title = say("report.proof_title", top=last)
    title = words.finding(title, chart.rival_name(best.rival), percent(best.value, 0))
    yield Figures((Figure(name, title, picture, "", wide=True, source=backtest.dataset),))
    rivals = [s.rival for s in ranked]
    ways = {way: say(f"backtest.column_{way}_short") for way in ("lead", "equal")}

    def both(measure: str, shown: Callable[[Score], str]) -> list[Measure]:
        """A measure of each length of list, by dollar and with equal weights."""
        return [
            (say("backtest.column_lead", top=top, weighting=named), f"{measure}{top}", way, shown)
            for way, named in zip(("dollar", "equal"), ways.values(), strict=True)
            for top in tops
        ]

    count = _of(ranked, f"{PREFIX}{last}")
    caption = say("backtest.captured_dollar", count=count)
    yield _measures(f"{name}-captured", caption, rivals, by, both(PREFIX, _points))
    yield _leads(f"{name}-leads", tops, by, ways.values())
    yield from _verdict(by, last)
    yield _net(f"{name}-net", rivals, tops, by)
    yield from _entries(f"{name}-entries", rivals, by)
    yield from calibration(f"{name}-calibration", backtest.scores)
    yield _others(f"{name}-others", rivals, by)
    yield from _parts(f"{name}-parts", backtest, last)
    explained = ("", "_columns", "_net", "_entries", "_level", "_log")
    yield Text(tuple(say(f"backtest.explain{suffix}") for suffix in explained), "note")
    if backtest.silent_pairs > 0:
        shares = {"pairs": backtest.silent_pairs, "sales": backtest.silent_sales}
        told = {which: percent(share, 1) for which, share in shares.items()}
        yield Text((say("backtest.silent", **told),), "note")
    for note in backtest.notes:
        yield Callout(say(note))


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
    tops: Sequence[tuple[int, str]],
    first: int,
    cell: Callable[[Score], str],
) -> Table:
    """What the first markets of each way of ranking captured, the best by dollar first.

    Args:
        name: unique on the page.
        caption: of the table.
        backtest: the scores.
        tops: sizes of the lists with their headings.
        first: the size that orders the rows.
        cell: a score in words.
    """
    scores = {(s.rival, top): s for top, _ in tops for s in rank_scores(backtest, top)}

    def top_column(top: int, heading: str) -> Shown[Score]:
        return Column(heading), lambda row: value_or_dash(scores.get((row.rival, top)), cell)

    return table_of(
        name,
        caption,
        rank_scores(backtest, first),
        (say("report.rival"), lambda row: chart.rival_name(row.rival)),
        *(top_column(*top) for top in tops),
    )


def signed_points(share: float) -> str:
    """Percentage points with their sign."""
    text = fixed_decimals(100 * share, 1)
    return f"+{text}" if share > 0 and text.strip("0.") else text


def _interval_text(score: Score, shown: Callable[[float], str]) -> str:
    return f"{shown(score.value)} ({shown(score.low)} … {shown(score.high)})"


def _points(score: Score) -> str:
    return _interval_text(score, lambda share: fixed_decimals(100 * share, 1))


def _signed_text(score: Score) -> str:
    return _interval_text(score, signed_points)


def _score_text(score: Score) -> str:
    return fixed_decimals(score.value, 2)


def _fine(score: Score) -> str:
    return fixed_decimals(score.value, 3)


def _measures(
    name: str, caption: str, rivals: Sequence[str], by: Scores, columns: Iterable[Measure]
) -> Table:
    """Measures of ways of ranking, a row for each of them."""

    def of(measure: str, way: str, shown: Callable[[Score], str]) -> Callable[[str], str]:
        return lambda rival: value_or_dash(by.get((rival, measure, way)), shown)

    shown = ((heading, of(measure, way, cell)) for heading, measure, way, cell in columns)
    return table_of(name, caption, rivals, (say("report.rival"), chart.rival_name), *shown)


def _count(score: Score) -> str:
    return value_or_dash(score.count, lambda count: f"{count:,}")


def _of(scores: Iterable[Score], measure: str) -> str:
    """Of how many the shares of a measure are: the same for every way of ranking."""
    counts = [s.count for s in scores if s.measure == measure and s.count is not None]
    return value_or_dash(max(counts, default=None), lambda count: f"{count:,}")


def _as_percent(score: Score) -> str:
    return fixed_decimals(100 * score.value, 1)


def _net(name: str, rivals: Sequence[str], tops: Sequence[int], by: Scores) -> Table:
    """Falls counted, and growth where an exporter is not yet large."""
    outside = f"captured_outside10_top{tops[0]}"
    columns: list[Measure] = [
        *(
            (say("backtest.column_net", top=top), f"net_top{top}", "dollar", _as_percent)
            for top in tops
        ),
        (say("backtest.column_outside", top=tops[0]), outside, "dollar", _as_percent),
        (say("backtest.column_outside_equal"), outside, "equal", _as_percent),
    ]
    caption = say("backtest.net", count=_of(by.values(), outside))
    return _measures(name, caption, rivals, by, columns)


def _entries(name: str, rivals: Sequence[str], by: Scores) -> Iterable[Table]:
    """Where nothing is sold today."""
    there = [r for r in rivals if any((r, measure, "equal") in by for _, measure in ENTRIES)]
    columns = [
        (say(f"backtest.column_{column}"), measure, "equal", _score_text)
        for column, measure in ENTRIES
    ]
    came = {kind: _of(by.values(), f"entry_precision_{kind}") for kind in ("new", "returning")}
    if there:
        yield _measures(name, say("backtest.entries", **came), there, by, columns)


def _others(name: str, rivals: Sequence[str], by: Scores) -> Table:
    columns = [
        (
            say(f"backtest.column_{column}"),
            measure,
            way,
            _as_percent if column == "skill" else _fine,
        )
        for column, measure, way in OTHERS
        if any((r, measure, way) in by for r in rivals)
    ]
    flows, sums = (_of(by.values(), measure) for measure in ("coverage80", "coverage80_sums"))
    return _measures(name, say("backtest.other", flows=flows, sums=sums), rivals, by, columns)


def _leads(name: str, tops: Sequence[int], by: Scores, ways: Iterable[str]) -> Table:
    """Of the outlook over each bar."""
    mine = {(measure, way): s for (rival, measure, way), s in by.items() if rival == OUTLOOK}
    against = [lead for lead in BARS if (f"{lead}_top{tops[0]}", "dollar") in mine]

    def of(top: int, way: str, named: str) -> Shown[str]:
        heading = say("backtest.column_lead", top=top, weighting=named)
        return heading, lambda lead: value_or_dash(
            mine.get((f"{lead}_top{top}", way)), _signed_text
        )

    return table_of(
        name,
        say("backtest.leads"),
        against,
        (say("backtest.column_against"), lambda lead: chart.rival_name(BARS[lead])),
        *(of(top, *way) for way in zip(("dollar", "equal"), ways, strict=True) for top in tops),
    )


def calibration(name: str, scores: Sequence[Score]) -> Iterable[Table]:
    """What the outlook's probabilities said and what came, class by class."""
    by = {
        (s.part, s.measure): s
        for s in scores
        if s.rival == OUTLOOK and s.part.startswith("probability:")
    }
    classes = sorted({band for band, _ in by}, key=lambda band: float(_range(band).split("-")[0]))
    if not classes:
        return

    def of(what: str, kind: str) -> Shown[str]:
        return (
            say(f"backtest.column_{what}_{kind}"),
            lambda band: value_or_dash(by.get((band, f"entry_{what}_{kind}")), _as_percent),
        )

    def pairs(kind: str) -> Shown[str]:
        return (
            say("backtest.column_pairs"),
            lambda band: value_or_dash(by.get((band, f"entry_came_{kind}")), _count),
        )

    yield table_of(
        name,
        say("backtest.calibration"),
        classes,
        (say("backtest.column_class"), lambda band: _range(band).replace("-", "–")),
        *(
            shown
            for kind in ("new", "returning")
            for shown in (of("said", kind), of("came", kind), pairs(kind))
        ),
    )


def _range(band: str) -> str:
    return band.partition(":")[2]


def _parts(name: str, backtest: Backtest, top: int) -> Iterable[Table]:
    leads = {
        (s.part, s.weighting): s
        for s in backtest.scores
        if s.rival == OUTLOOK and s.measure == f"lead_mean_top{top}" and s.part != WHOLE
    }
    parts = list(dict.fromkeys(part for part, _ in leads))
    if len(parts) < 2:
        return
    yield table_of(
        name,
        say("backtest.parts", top=top),
        parts,
        (say("backtest.column_part"), _part_name),
        (
            say("backtest.column_grew"),
            lambda part: value_or_dash(leads.get((part, "equal")), _count),
        ),
        (
            say("backtest.column_lead_short"),
            lambda part: value_or_dash(leads.get((part, "dollar")), _signed_text),
        ),
        (
            say("backtest.column_equal_short"),
            lambda part: value_or_dash(leads.get((part, "equal")), _signed_text),
        ),
    )


def _part_name(part: str) -> str:
    kind, _, name = part.partition(":")
    key = f"backtest.part_{kind}_{name}"
    return say(key) if worded(key) else say(f"backtest.part_{kind}", name=name)


def _verdict(by: Scores, top: int) -> Iterable[Text]:
    """Over the bar that costs nothing; by tier over the one that is blind to tiers too."""
    sentences = []
    for lead in ("lead_mean", "lead_blind"):
        dollar, equal = (by.get((OUTLOOK, f"{lead}_top{top}", way)) for way in ("dollar", "equal"))
        if dollar is None or equal is None:
            continue
        clear = "ahead" if dollar.low > 0 else "behind" if dollar.high < 0 else "unclear"
        sentence = say(
            f"backtest.verdict_{clear}" if lead == "lead_mean" else "backtest.verdict_blind",
            top=top,
            lead=signed_points(dollar.value),
            low=signed_points(dollar.low),
            high=signed_points(dollar.high),
            equal=signed_points(equal.value),
            equal_low=signed_points(equal.low),
            equal_high=signed_points(equal.high),
        )
        sentences.append(sentence)
    if sentences:
        yield Text(tuple(sentences), "lead")


def _nowcast(record: NowcastRecord) -> Iterable[Block]:
    """For each count of months: every way of telling the year, on the same flows."""
    heading = say(
        "backtest.nowcast_heading",
        dataset=record.dataset,
        sets=words.join_words(record.monthly),
        years=words.join_words(str(year + 1) for year in record.years),
    )
    yield Text((heading,), "lead")
    for months in dict.fromkeys(row.months for row in record.scores):
        rows = [row for row in record.scores if row.months == months]
        yield table_of(
            f"nowcast-{months}",
            say("backtest.nowcast_months", count=months, flows=fixed_decimals(rows[0].flows, 0)),
            rows,
            (say("report.rival"), lambda row: say(f"backtest.way_{row.way}")),
            _month_column("log_error", lambda row: fixed_decimals(row.log_error, 3)),
            _month_column("sales_error", lambda row: percent(row.sales_error, 1)),
            _month_column("crps", lambda row: fixed_decimals(row.crps, 3)),
            _month_column("held80", lambda row: percent(row.coverage80, 0)),
            _month_column("skill_outlook", _month_skill),
        )
        learnt = (percent(weight, 0) for weight in record.learnt[months])
        steady, uneven, lumpy = learnt
        sentence = say("backtest.nowcast_learnt", steady=steady, uneven=uneven, lumpy=lumpy)
        yield Text((sentence,))
    yield Text((say("backtest.explain_nowcast"),), "note")


def _month_column(column: str, shown: Callable[[NowcastScore], str]) -> Shown[NowcastScore]:
    return number(f"backtest.column_{column}"), shown


def _month_skill(row: NowcastScore) -> str:
    if row.way == "outlook":
        return "–"
    ends = (fixed_decimals(100 * value, 1) for value in (row.skill_low, row.skill_high))
    return f"{fixed_decimals(100 * row.skill, 1)} ({' … '.join(ends)})"
