"""Does the ranking work? What each way of ranking would have captured, on years it had not seen."""

from collections.abc import Iterator

from offing.forecast.results import Backtest, Score
from offing.report import words
from offing.report.blocks import (
    Block,
    Figure,
    Figures,
    Table,
    Text,
)
from offing.report.charts import proof as chart
from offing.report.drawing import BESIDE, two_sizes
from offing.report.views.backtest import PREFIX, WHOLE, captured, captured_table, signed_points
from offing.report.views.markets import record
from offing.study.result import ProductResult, StudyResult
from offing.terms.messages import say
from offing.terms.numbers import percent, percent_range

PREFERRED = 10


def tops(backtest: Backtest) -> list[int]:
    """The sizes of the lists that were scored, such as 5, 10 and 20."""
    measures = {s.measure for s in backtest.scores if s.part == WHOLE}
    sizes = [m.removeprefix(PREFIX) for m in measures if m.startswith(PREFIX)]
    return sorted(int(size) for size in sizes if size.isdecimal())


def shown_top(backtest: Backtest) -> int | None:
    """Ten where it was scored, else the first size."""
    scored = tops(backtest)
    return PREFERRED if PREFERRED in scored else scored[0] if scored else None


def ours(product: ProductResult) -> str | None:
    """The rival that the study itself ranked by, where the backtest scored it."""
    methods = {s.outlook.method for s in product.ranking.segments}
    rivals = {s.rival for s in product.backtest.scores}
    return min(methods & rivals, default=None)


def said(product: ProductResult, top: int) -> Iterator[str]:
    """What the study's own ranking captured, its lead over what costs nothing, its intervals."""
    mine = ours(product)
    if mine is None:
        return
    yield record(mine, product.backtest)
    scores = {
        (score.measure, score.weighting): score
        for score in product.backtest.scores
        if (score.rival, score.part) == (mine, WHOLE)
    }
    mean, today = (scores.get((f"{name}_top{top}", "dollar")) for name in ("lead_mean", "lead"))
    if mean is not None and today is not None:
        yield _lead(mean, today)
    held = scores.get(("coverage80", "equal"))
    if held is not None:
        yield say("report.proof_intervals", share=percent(held.value, 0))


def _lead(mean: Score, today: Score) -> str:
    """The ranking against what costs nothing, market by market."""
    low, high = round(mean.low, 3), round(mean.high, 3)
    clear = "ahead" if low > 0 else "behind" if high < 0 else "unclear"
    return say(
        f"report.proof_{clear}",
        lead=signed_points(mean.value),
        low=signed_points(mean.low),
        high=signed_points(mean.high),
        today=signed_points(today.value),
        today_low=signed_points(today.low),
        today_high=signed_points(today.high),
    )


def blocks(result: StudyResult) -> Iterator[Block]:
    """The backtest of each product."""
    alone = len(result.products) == 1
    figures = tuple(
        _figure(product, top, alone=alone)
        for product in words.once_a_code(result.products)
        if (top := shown_top(product.backtest)) is not None
    )
    if figures:
        yield Text((say("report.proof_lead"),))
        yield Figures(figures)


def _figure(product: ProductResult, top: int, *, alone: bool) -> Figure:
    backtest = product.backtest
    name = f"proof-{product.product}"
    about = say(
        "report.proof_caption",
        years=words.listed(map(str, backtest.origins)),
        horizon=backtest.horizon,
        groups=backtest.groups,
    )
    scores, mine = captured(backtest, top), ours(product)

    def picture() -> str:
        drawn = chart.draw(name, scores, mine, top)
        if alone:
            drawn = two_sizes(drawn, chart.draw(f"{name}-wide", scores, mine, top, BESIDE))
        return drawn

    return Figure(
        name,
        words.product(product),
        picture,
        words.joined((about, *said(product, top))),
        (_table(name, backtest),),
        wide=alone,
    )


def _table(name: str, backtest: Backtest) -> Table:
    heads = [(top, say("report.proof_column", top=top)) for top in tops(backtest)]
    caption, first = say("report.proof_table"), shown_top(backtest) or 0
    return captured_table(f"{name}-table", caption, backtest, heads, first, _with_range)


def _with_range(score: Score) -> str:
    return f"{percent(score.value, 0)} ({percent_range(score.low, score.high)})"
