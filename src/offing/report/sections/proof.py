"""Does the ranking work? What each way of ranking would have captured, on years it had not seen."""

from collections.abc import Iterator

from offing.forecast.results import TOP, Backtest, Score
from offing.report import words
from offing.report.blocks import Block, Figure, Figures, Text
from offing.report.charts import whiskers as chart
from offing.report.drawing import BESIDE, two_sizes
from offing.report.views.backtest import PREFIX, WHOLE, captured_table, rank_scores, signed_points
from offing.report.views.markets import record
from offing.study.result import ProductResult, StudyResult
from offing.terms.messages import say
from offing.terms.numbers import percent, percent_range


def blocks(result: StudyResult) -> Iterator[Block]:
    """The backtest of each product that has one."""
    products = [
        product
        for product in words.once_a_code(result.products)
        if rank_scores(product.backtest, TOP)
    ]
    if products:
        alone = len(products) == 1
        yield Text((say("report.proof_lead"),))
        yield Figures(tuple(_figure(product, alone=alone) for product in products))


def _figure(product: ProductResult, *, alone: bool) -> Figure:
    backtest, name = product.backtest, f"proof-{product.product}"
    methods = {s.outlook.method for s in product.ranking.segments}
    mine = min(methods & {s.rival for s in backtest.scores}, default=None)
    about = say(
        "report.proof_caption",
        years=words.join_words(map(str, backtest.origins)),
        horizon=backtest.horizon,
        groups=backtest.groups,
    )
    said = () if mine is None else (record(mine, backtest), *_ranking_lead(mine, backtest))
    scores = rank_scores(backtest, TOP)

    def picture() -> str:
        drawn = chart.draw_scores(name, scores, mine, TOP)
        if not alone:
            return drawn
        return two_sizes(drawn, chart.draw_scores(f"{name}-wide", scores, mine, TOP, BESIDE))

    sizes = {s.measure.removeprefix(PREFIX) for s in backtest.scores if s.part == WHOLE}
    heads = [
        (int(size), say("report.proof_column", top=size))
        for size in sorted(filter(str.isdecimal, sizes), key=int)
    ]
    caption = say("report.proof_table")
    table = captured_table(f"{name}-table", caption, backtest, heads, TOP, _score_range)
    told = words.join_sentences((about, *said))
    best = next((score for score in scores if score.rival != "oracle"), scores[0])
    shown = chart.rival_name(best.rival), percent(best.value, 0)
    title = words.finding(words.product(product), *shown)
    return Figure(name, title, picture, told, (table,), wide=alone)


def _score_range(score: Score) -> str:
    return f"{percent(score.value, 0)} ({percent_range(score.low, score.high)})"


def _ranking_lead(mine: str, backtest: Backtest) -> Iterator[str]:
    """The ranking's lead over what costs nothing, market by market, and its intervals."""
    scores = {
        (score.measure, score.weighting): score
        for score in backtest.scores
        if (score.rival, score.part) == (mine, WHOLE)
    }
    mean, today = (scores.get((f"{name}_top{TOP}", "dollar")) for name in ("lead_mean", "lead"))
    if mean is not None and today is not None:
        low, high = round(mean.low, 3), round(mean.high, 3)
        clear = "ahead" if low > 0 else "behind" if high < 0 else "unclear"
        yield say(
            f"report.proof_{clear}",
            lead=signed_points(mean.value),
            low=signed_points(mean.low),
            high=signed_points(mean.high),
            today=signed_points(today.value),
            today_low=signed_points(today.low),
            today_high=signed_points(today.high),
        )
    if (held := scores.get(("coverage80", "equal"))) is not None:
        yield say("report.proof_intervals", share=percent(held.value, 0))
