"""The backtest: how much of later growth each way of ranking would have captured."""

from collections.abc import Sequence

from offing.forecast.results import Score
from offing.report import words
from offing.report.drawing import STACKED, Axis, Drawing, Lanes, Scale, fits
from offing.terms.messages import say
from offing.terms.numbers import percent, percent_range

HEAD = 26.0


def rival_name(rival: str) -> str:
    """A way of ranking in words."""
    return words.named(f"market.rival_{rival}")


def draw(
    name: str, scores: Sequence[Score], ours: str | None, top: int, lanes: Lanes = STACKED
) -> str:
    """One line for each rival with its 95 % interval; ``ours`` is the one the study used."""
    low = min([0.0, *(s.low for s in scores)])
    high = max([1.0, *(s.high for s in scores)])
    x = Axis(low, high, lanes.left, lanes.right)
    described = words.series(
        say(
            "report.proof_desc_row",
            rival=rival_name(s.rival),
            share=percent(s.value, 0),
            range=percent_range(s.low, s.high),
        )
        for s in scores
    )
    height = HEAD + lanes.row * len(scores) + 4
    pen = Drawing(name, height, say("report.proof_title", top=top), described, width=lanes.width)
    for tick in (0.0, 0.5, 1.0):
        pen.line(x(tick), HEAD - 6, x(tick), height, "grid")
        anchor = "end" if tick == 1 else "middle" if tick or low < 0 else ""
        shift = 6 if anchor == "end" else -6 if not anchor else 0
        pen.text(x(tick) + shift, HEAD - 12, percent(tick), "soft", anchor)
    for number, score in enumerate(scores):
        _row(pen, score, HEAD + lanes.row * number, x, lanes, mine=score.rival == ours)
    return pen.svg()


def _row(pen: Drawing, score: Score, y: float, x: Scale, lanes: Lanes, *, mine: bool) -> None:
    at = y + lanes.line_at
    label = fits(rival_name(score.rival), lanes.label_room + 60, score.rival)
    pen.text(lanes.label, y + lanes.label_at, label, "strong ours-text" if mine else "")
    pen.text(lanes.value, y + lanes.label_at, percent(score.value, 0), "strong", "end")
    pen.line(lanes.left, at, lanes.right, at, "track")
    pen.whisker(x(score.low), x(score.high), at, "ours-whisker" if mine else "rival-whisker")
    pen.circle(x(score.value), at, 5.5, "ours-fill edge" if mine else "rival-dot edge")
