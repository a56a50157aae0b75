"""How ways of ranking did on years they had not seen, told."""

from collections.abc import Callable, Iterable, Sequence

from offing.api.backtest import BacktestAnswer
from offing.forecast.results import Backtest, Score
from offing.report import words
from offing.report.blocks import (
    Block,
    Caution,
    Column,
    Figure,
    Figures,
    Shown,
    Table,
    Text,
    cautions,
    table_of,
)
from offing.report.charts import proof as chart
from offing.report.drawing import BESIDE
from offing.terms.messages import known as worded
from offing.terms.messages import say
from offing.terms.numbers import fixed, known

OUTLOOK = "outlook"
PREFIX = "captured_top"
WHOLE = "all"
"""Scores of the whole data; others are of one part of it."""
OTHERS = {
    "rank": ("growth_rank", "equal"),
    "partial": ("growth_rank_partial", "equal"),
    "entry": ("entry_precision", "equal"),
    "coverage": ("coverage80", "equal"),
    "crps": ("crps", "equal"),
    "level": ("expected_ratio", "dollar"),
}
"""Column → measure and weighting."""

Scores = dict[tuple[str, str, str], Score]
"""Way of ranking, measure and weighting → score of the whole data."""


def tell(answer: BacktestAnswer) -> tuple[Block, ...]:
    """For each horizon what the first markets captured, the other measures, and a verdict."""
    told = [block for one in answer.backtests for block in _told(one, answer.tops[:2])]
    return (*told, *cautions(answer.cautions))


def _told(backtest: Backtest, tops: Sequence[int]) -> Iterable[Block]:
    heading = say(
        "backtest.heading",
        dataset=backtest.dataset,
        horizon=backtest.horizon,
        years=words.listed(map(str, backtest.origins)),
        groups=fixed(backtest.groups, 0),
    )
    name, last = f"backtest-{backtest.horizon}", tops[-1]
    ranked = captured(backtest, last)
    by = {(s.rival, s.measure, str(s.weighting)): s for s in backtest.scores if s.part == WHOLE}
    yield Text((heading,), "lead")
    picture = chart.draw(name, ranked, OUTLOOK, last, BESIDE)
    yield Figures((Figure(name, say("report.proof_title", top=last), picture, "", wide=True),))
    heads = [(top, say("backtest.column_top", top=top)) for top in tops]
    for weighting in ("dollar", "equal"):
        caption = say(f"backtest.captured_{weighting}")
        yield captured_table(
            f"{name}-{weighting}", caption, backtest, heads, last, _points, weighting
        )
    yield _others(f"{name}-others", [s.rival for s in ranked], by)
    yield from _parts(f"{name}-parts", backtest, last)
    yield from _verdict(by, last)
    yield Text(tuple(say(f"backtest.explain{part}") for part in ("", "_columns", "_log")), "note")
    for note in backtest.notes:
        yield Caution(say(note))


def captured(backtest: Backtest, top: int, weighting: str = "dollar") -> list[Score]:
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
    weighting: str = "dollar",
) -> Table:
    """What the first markets of each way of ranking captured, the best by dollar first.

    Args:
        name: unique on the page.
        caption: of the table.
        backtest: the scores.
        tops: sizes of the lists with their headings.
        first: the size that orders the rows.
        cell: a score in words.
        weighting: ``dollar`` or ``equal``.
    """
    scores = {(s.rival, top): s for top, _ in tops for s in captured(backtest, top, weighting)}

    def of_top(top: int, heading: str) -> Shown[Score]:
        return Column(heading), lambda row: known(scores.get((row.rival, top)), cell)

    return table_of(
        name,
        caption,
        captured(backtest, first),
        (say("report.rival"), lambda row: chart.rival_name(row.rival)),
        *(of_top(*top) for top in tops),
    )


def signed_points(share: float) -> str:
    """Percentage points with their sign."""
    text = fixed(100 * share, 1)
    return f"+{text}" if share > 0 and text.strip("0.") else text


def _with_interval(score: Score, shown: Callable[[float], str]) -> str:
    return f"{shown(score.value)} ({shown(score.low)} … {shown(score.high)})"


def _points(score: Score) -> str:
    return _with_interval(score, lambda share: fixed(100 * share, 1))


def _signed(score: Score) -> str:
    return _with_interval(score, signed_points)


def _others(name: str, rivals: Sequence[str], by: Scores) -> Table:
    def of(column: str, which: tuple[str, str]) -> Shown[str]:
        heading = say(f"backtest.column_{column}")
        return heading, lambda rival: known(by.get((rival, *which)), lambda s: fixed(s.value, 3))

    return table_of(
        name,
        say("backtest.other"),
        rivals,
        (say("report.rival"), chart.rival_name),
        *(of(*column) for column in OTHERS.items()),
    )


def _parts(name: str, backtest: Backtest, top: int) -> Iterable[Table]:
    leads = {
        (s.part, s.weighting): s
        for s in backtest.scores
        if s.rival == OUTLOOK and s.measure == f"lead_top{top}" and s.part != WHOLE
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
            say("backtest.column_lead_short"),
            lambda part: known(leads.get((part, "dollar")), _signed),
        ),
        (
            say("backtest.column_equal_short"),
            lambda part: known(leads.get((part, "equal")), _signed),
        ),
    )


def _part_name(part: str) -> str:
    kind, _, name = part.partition(":")
    key = f"backtest.part_{kind}_{name}"
    return say(key) if worded(key) else say(f"backtest.part_{kind}", name=name)


def _verdict(by: Scores, top: int) -> Iterable[Text]:
    dollar, equal = (by.get((OUTLOOK, f"lead_top{top}", way)) for way in ("dollar", "equal"))
    if dollar is None or equal is None:
        return
    sentence = say(
        "backtest.verdict_ahead" if dollar.low > 0 else "backtest.verdict_not",
        top=top,
        lead=signed_points(dollar.value),
        low=signed_points(dollar.low),
        high=signed_points(dollar.high),
        equal=signed_points(equal.value),
        equal_low=signed_points(equal.low),
        equal_high=signed_points(equal.high),
    )
    yield Text((sentence,), "lead")
