"""What a first page says of a ledger of ten months, of markets not looked at, of what lacks."""

from dataclasses import replace
from datetime import date

import pytest

import report_example as example
from offing.report.blocks import Callout
from offing.report.decision import NamedDecision
from offing.report.views.plan import facts, holds_for, what_to_do
from offing.report.words import last_year
from offing.terms.caution import Caution, Dollars, Likelihood, Phrase, Value
from offing.terms.messages import using_language

SHORT = date(2026, 1, 31), 10


def decision() -> NamedDecision:
    return NamedDecision.from_result(example.example())


@pytest.mark.parametrize(
    ("lang", "year", "months"),
    [("en", "last twelve months", "the 10 months since 31 January 2026: CNY"),
     ("zh", "最近十二个月", "2026年1月31日以来的 10 个月：")],
)  # fmt: skip
def test_the_months_stand_where_the_sum_stands(lang: str, year: str, months: str) -> None:
    named = decision()
    with using_language(lang):  # type: ignore[arg-type]
        assert year in facts(example.plan(), named)[-1].remark
        figures = replace(named.figures, short_year=SHORT)
        told = facts(example.plan(), replace(named, figures=figures))[-1].remark
        assert months in told.replace("\xa0", " ")
        assert year not in told
        assert year in last_year(None)


def test_what_most_is_at_stake_for_stands_first_and_is_not_left_out() -> None:
    def lacking(market: str, usd: float) -> Caution:
        about, why = Phrase("study.about_plan"), Phrase("study.no_rate")
        values: dict[str, Value] = {"about": about, "unknown": why, "usd": Dollars(usd)}
        values |= {"markets": (market,), "models": ("A",), "holds": Likelihood(0.5)}
        return Caution("study.warn_missing", values)

    said = [lacking("USA", 8e5), lacking("VNM", 4e5), lacking("BRA", 2e5), lacking("MEX", 9e5)]
    named = decision()
    quiet = replace(named, figures=replace(named.figures, asked=(), assumed=()))
    with using_language("en"):
        blocks = what_to_do(example.plan(), quiet, said)
    boxes = [block.text for block in blocks if isinstance(block, Callout)]
    told = [text.partition(" (")[0].removeprefix("Missing in ") for text in boxes]
    assert told == ["MEX", "USA", "VNM"]


def test_markets_not_looked_at_stand_with_what_is_sold_there() -> None:
    plan = replace(example.plan(), known_share=0.5, outside=(("ARE", 1e6), ("TWN", 5e5)))
    with using_language("en"):
        told = holds_for(plan, decision()).replace("\xa0", " ")
    assert "United Arab Emirates CNY 7" in told
    assert "Taiwan CNY 3" in told
