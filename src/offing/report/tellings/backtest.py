"""How ways of ranking did on years they had not seen, told."""

from collections.abc import Callable, Iterable, Sequence

from offing.api.backtest import BacktestAnswer
from offing.forecast.results import Backtest, Score
from offing.report import words
from offing.report.blocks import (
    Block,
    Caution,
    Cell,
    Column,
    Figure,
    Figures,
    Table,
    Text,
    cautions,
)
from offing.report.charts import proof as chart
from offing.report.drawing import BESIDE
from offing.terms.messages import known, say
from offing.terms.numbers import NOTHING, fixed

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

    def said(rival: str, top: int) -> Cell:
        score = scores.get((rival, top))
        return Cell(NOTHING if score is None else cell(score))

    return Table(
        name,
        caption,
        (Column(say("report.rival"), number=False), *(Column(heading) for _, heading in tops)),
        tuple(
            (Cell(chart.rival_name(rival)), *(said(rival, top) for top, _ in tops))
            for rival in [s.rival for s in captured(backtest, first)]
        ),
    )


def signed_points(share: float) -> str:
    """Percentage points with their sign."""
    text = fixed(100 * share, 1)
    return f"+{text}" if share > 0 and text.strip("0.") else text


def _points(score: Score) -> str:
    value, low, high = (fixed(100 * share, 1) for share in (score.value, score.low, score.high))
    return f"{value} ({low} … {high})"


def _signed(score: Score | None) -> Cell:
    if score is None:
        return Cell(NOTHING)
    value, low, high = map(signed_points, (score.value, score.low, score.high))
    return Cell(f"{value} ({low} … {high})")


def _others(name: str, rivals: Sequence[str], by: Scores) -> Table:
    def cell(rival: str, measure: str, weighting: str) -> Cell:
        score = by.get((rival, measure, weighting))
        return Cell(NOTHING if score is None else fixed(score.value, 3))

    return Table(
        name,
        say("backtest.other"),
        (
            Column(say("report.rival"), number=False),
            *(Column(say(f"backtest.column_{column}")) for column in OTHERS),
        ),
        tuple(
            (Cell(chart.rival_name(rival)), *(cell(rival, *which) for which in OTHERS.values()))
            for rival in rivals
        ),
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
    yield Table(
        name,
        say("backtest.parts", top=top),
        (
            Column(say("backtest.column_part"), number=False),
            Column(say("backtest.column_lead_short")),
            Column(say("backtest.column_equal_short")),
        ),
        tuple(
            (
                Cell(_part_name(part)),
                _signed(leads.get((part, "dollar"))),
                _signed(leads.get((part, "equal"))),
            )
            for part in parts
        ),
    )


def _part_name(part: str) -> str:
    kind, _, name = part.partition(":")
    key = f"backtest.part_{kind}_{name}"
    return say(key) if known(key) else say(f"backtest.part_{kind}", name=name)


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
