"""A currency whose rate is known and whose movement is not."""

from datetime import date

import offing
from offing.report.views.settle import notes
from offing.settlement.advice import DealAdvice
from offing.terms.messages import using_language


def test_only_what_is_not_known_is_asked_for() -> None:
    """The monthly collection has a rate of the dirham, and no day-to-day history."""
    answer = offing.settle(250000, market="ARE", on=date(2026, 10, 30))
    assert answer.advice is not None
    with using_language("en"):
        (said,) = [note for note in notes(answer.advice) if "AED is not compared" in note]
    assert "--volatility AED=4%" in said
    assert "--rate" not in said
    known = offing.settle(250000, market="ARE", on=date(2026, 10, 30), volatility={"AED": "4%"})
    assert isinstance(known.advice, DealAdvice)
    assert "AED" in [option.currency for option in known.advice.options]
