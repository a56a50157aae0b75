"""What to be careful about: every warning once."""

from offing.report import words
from offing.report.shape import Section, Text
from offing.study.shape import StudyResult
from offing.terms.countries import country_name
from offing.terms.messages import say


def section(result: StudyResult) -> Section | None:
    """Warnings of the study, its quotes, rankings and backtests."""
    said = [say(key, **values) for key, values in result.warnings]
    for product in result.products:
        for market in product.markets:
            if market.quote:
                said += [
                    f"{country_name(market.market)}{say('report.colon')}{say(key, **values)}"
                    for key, values in market.quote.warnings
                ]
        said += [words.named(key) for key in (*product.ranking.notes, *product.backtest.notes)]
    lines = tuple(dict.fromkeys(said))
    if not lines:
        return None
    return Section(
        "notes", say("report.notes_heading"), say("report.notes_short"), (Text(lines, "list"),)
    )
