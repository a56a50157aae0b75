"""What is said of a plan, a market, a move: words beside the figures they rest on."""

import re
from dataclasses import replace
from datetime import date
from math import fsum
from typing import Any

import numpy as np
import pytest

from cautions import keyed
from example_plan import made, world
from offing.api.quote import quote
from offing.planning.plan import MoneyGain, MoveTerms
from offing.planning.risk import RiskFigures
from offing.policy.comparison import Comparison, ComparisonTotals, SegmentChange, SegmentFigures
from offing.policy.overlay import today
from offing.report import words
from offing.report.decision import NamedDecision
from offing.report.move_words import terms_sentence
from offing.report.views.explain import explain_rows
from offing.report.views.moves import view
from offing.report.views.plan import _illustrative_keeping, plan_table
from offing.report.views.risk import choices, frontier_says
from offing.report.views.whatif import convert_to_yuan, markets_table
from offing.rules.rule_use import list_name
from offing.study.choices import sums_note
from offing.study.plan import StudyPlan
from offing.study.schema import Entering, Keeping
from offing.terms.caution import Caution
from offing.terms.countries import country_name
from offing.terms.errors import OffingError
from offing.terms.messages import LANGUAGES, has_message, using_language
from offing.terms.numbers import digits
from offing.warehouse.tariffs import lists_in_data
from report_example import decided, example, move, risk
from report_markets import TELEVISIONS
from study.stand_ins import like


def with_plan(mean: float, worst: float) -> RiskFigures:
    """Today's way expects 40 m and 18 m in the worst 5%: a gap of 0.55 for each yuan."""
    figures = risk()
    (*others, bold) = figures.points
    return replace(figures, points=(*others, replace(bold, mean_cny=mean, worst_cny=worst)))


@pytest.mark.parametrize(
    ("mean", "worst", "over", "said"),
    [
        (80e6, 44e6, 0.45 / 0.55, "18% less than the status quo does."),
        (80e6, 40e6, 0.50 / 0.55, "9% less than the status quo does: not the 15%"),
        (80e6, 20e6, 0.75 / 0.55, "36% more than the status quo does: this plan earns more"),
        (39e6, 39e6 * 0.4, 0.6 / 0.55, "9% more than the status quo does: this plan earns no more"),
    ],
)
def test_the_gap_at_equal_expected_profit_by_hand(
    mean: float, worst: float, over: float, said: str
) -> None:
    figures = with_plan(mean, worst)
    assert figures.gap_over_today == pytest.approx(over)
    with using_language("en"):
        assert said in " ".join(frontier_says(figures))


def test_points_that_are_the_same_plan_are_one_choice_by_the_name_that_says_most() -> None:
    whole = risk()
    first, careful, *between, bold = whole.points
    flat = [replace(point, mean_cny=0.0, worst_cny=0.0) for point in (careful, *between)]
    offered = choices(replace(whole, points=(first, *flat, bold)))
    assert [point.name for point, *_ in offered] == [careful.name, bold.name]
    same = [replace(point, mean_cny=bold.mean_cny, worst_cny=bold.worst_cny) for point in flat]
    assert choices(replace(whole, points=(first, *same, bold))) == (), "there is none to take"
    assert [point.name for point, *_ in choices(whole)] == [
        point.name for point in whole.points[1:]
    ]


def told(keeping: dict[str, Any], *rows: tuple[float, float]) -> str:
    note = sums_note(Entering(), Keeping(**keeping))
    kept = 7.0 * fsum(keep for _, keep in rows)
    assumed = () if note is None else (note,)
    figures = like(assumed=assumed, cny_per_usd=7.0, keeping_cny=kept)
    plan = like(rows=[like(margin_usd=margin) for margin, _ in rows])
    with using_language("en"):
        return _illustrative_keeping(plan, like(figures=figures))


OWN = {"certification_cny": 25_000, "listing_cny": 20_000, "visits_cny": 30_000}


@pytest.mark.parametrize(
    ("keeping", "margins", "cny"),
    [
        ({}, (4000.0, -9000.0), "350,000"),  # two rows of 25,000 USD, of CNY 7
        (OWN, (4000.0, -9000.0), "191,000"),  # of 165,000 the promotion, 90,000, is nobody's own
        ({}, (200_000.0, 249_000.0), "350,000"),  # 50,000 of 499,000: over a tenth
        ({}, (200_000.0, 251_000.0), ""),
        ({**OWN, "promotion_cny": 90_000, "first_stock_cny": 0}, (4000.0, -9000.0), ""),
    ],
)
def test_what_nobody_stated_is_told_where_it_is_much_of_the_profit(
    keeping: dict[str, Any], margins: tuple[float, ...], cny: str
) -> None:
    said = told(keeping, *((margin, 25_000.0) for margin in margins))
    assert (cny in said) if cny else (said == "")


@pytest.mark.parametrize(
    ("trials", "says"), [([], "no change is proposed."), ([1], "but the trial")]
)
def test_to_stay_does_not_contradict_a_trial(trials: list[int], says: str) -> None:
    decision: Any = like(
        figures=like(without_sales=False, not_yet=(), money_gain=None), _entries=lambda: trials
    )
    with using_language("en"):
        assert says in NamedDecision._stay(decision).text


TERMS = MoveTerms(0.114, 0.0, 620.0, 620.0, 21.0, "main", 1200.0, 0.09)


def named() -> NamedDecision:
    return NamedDecision(
        decided(), {}, {"qingdao": "China", "monterrey": "Mexico"}, {"main": "Line 1"},
        {TELEVISIONS: "item"}, date(2026, 6, 1),
    )  # fmt: skip


def said(kind: str, **parts: Any) -> str:
    """Both sentences of a move's terms, without hard spaces."""
    one = move(kind, TELEVISIONS, "USA", terms=replace(TERMS, **parts))
    return terms_sentence(named(), one).replace("\u00a0", " ")


def test_another_plant_saves_duty_and_pays_above_a_gap() -> None:
    with using_language("en"):
        assert said("other_plant") == (
            "FOB USD 500 → USD 500 a unit. Landed USD 620 → USD 620 a unit. "
            "Saves duty of USD 21.0 per item. Pays while the duty gap is above 9 points."
        )
        assert "Landed USD 620 → USD 604 a unit." in said("other_plant", landed_after_usd=604.0)
        assert said("other_plant", duty_saved_usd=-3.0, break_even=-0.02).endswith(
            "Bears more duty: USD 3.00 per item. Pays without any duty gap too."
        )
        bare = {"duty_saved_usd": None, "break_even": None, "landed_before_usd": None}
        assert said("other_plant", **bare) == "FOB USD 500 → USD 500 a unit."
        assert said("leave", break_even=None) == ""
    with using_language("zh"):
        assert "关税差高于 9 个百分点" in said("other_plant")


def test_a_price_turns_at_an_elasticity_and_an_entry_at_its_units() -> None:
    with using_language("en"):
        assert "elasticity of demand is below 5.2" in said("dearer", break_even=5.21)
        assert said("dearer", landed_after_usd=650.0).startswith("Landed USD 620 → USD 650 a unit.")
        assert "elasticity of demand is above 3.4" in said("cheaper", break_even=3.42)
        assert said("enter", break_even=421.4) == "Earns its costs from 421 items over 2026–2027."


def test_a_page_shows_duty_and_landed_price_where_a_plant_changes() -> None:
    with using_language("en"):
        one = move("other_plant", TELEVISIONS, "USA", terms=TERMS)
        table, notes, _ = view(named(), one)
        assert "Duty on CIF" in str(table)
        assert "11%" in str(table)
        assert "above 9 points" in str(notes)


def figures(landed: float, margin: float) -> Any:
    fields: Any = dict.fromkeys(SegmentFigures.__dataclass_fields__, 0.0)
    own = {"landed": landed, "margin": margin, "sales": 10 * margin}
    return SegmentFigures(**(fields | own))


def change(model: str, market: str, margin: float, landed: float = 100.0) -> SegmentChange:
    """From a margin of 1,000."""
    return SegmentChange(model, market, figures(100.0, 1_000.0), figures(landed, margin))


def test_the_market_that_changes_most_does_so_with_all_models_together() -> None:
    """One model falls most in France, by 650; two in the United States by 600 each."""
    segments = (
        change("Oven", "FRA", 350.0, 110.0),
        change("Oven", "USA", 400.0, 120.0),
        change("Fryer", "USA", 400.0, 130.0),
    )
    made = Comparison(
        "tariff", ComparisonTotals(1, 4_000, 0, 0), ComparisonTotals(1, 2_100, 0, 0), segments,
        (), (), (), 0.0, dollar=(7.0, 7.0),
    )  # fmt: skip
    with using_language("en"):
        first, second = markets_table(convert_to_yuan(made)).rows
    assert [cell.text for cell in first] == ["United States", "140 → 56", "14.0 → 5.6", "−8.4"]
    assert second[0].text == "France"


def test_units_of_a_plan_are_added_up_where_they_are_of_one_kind() -> None:
    """Pieces and kilograms are no sum."""
    result = example()
    decision = NamedDecision.from_result(result)

    def total(units: dict[str, str]) -> str:
        table = plan_table("p", result.plan, replace(decision, units=units), ())
        assert table.total is not None
        return table.total[[column.id for column in table.columns].index("units")].text

    keys = [row.product for row in result.plan.rows]
    assert total(dict.fromkeys(keys, "item")) == digits(sum(row.units for row in result.plan.rows))
    mixed = dict(zip(dict.fromkeys(keys), ("item", "kg"), strict=True))
    assert total(mixed) == ""


INNER = re.compile(
    r"\b(us\d{3}|usieepa|usbrazil)\w*\b|\b[a-z]+\d*_[a-z0-9]\w*|\b[a-z]{3}\.[a-z]\w*\."
)
"""Names of lists and charges, and ids of rules."""
CODES = ["85015340", "85051100", "85411000", "85171300", "85287264", "61091000", "62034240"]
DAYS = [
    date(2019, 9, 15), date(2024, 10, 15), date(2025, 9, 1), date(2026, 3, 1), date(2026, 11, 30),
]  # fmt: skip


def inner_names(cautions: Any) -> set[str]:
    """What a reader would not know, apart from addresses."""
    texts = [
        re.sub(r"\(.*\)", "", words.caution_text(Caution(key, values)))
        for key, values in keyed(cautions)
    ]
    return {match[0] for text in texts for match in INNER.finditer(text)}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("code", CODES)
def test_no_caution_of_a_quote_has_one(code: str, lang: Any) -> None:
    refused: list[str] = []
    for on in DAYS:
        try:
            answer = quote(code, "USA", on=on, price="50 USD", currency="USD", quantity=9,
                           rates_age=9999, duty=None if code in CODES[:5] else "9%")  # fmt: skip
        except OffingError as error:
            refused.append(str(error.values.get("list", "")))
            continue
        with using_language(lang):
            assert inner_names((*answer.quote.warnings, *answer.quote.notes)) == set()
    assert len(refused) < len(DAYS)
    assert not any(map(INNER.search, refused))


def shown_names() -> dict[str, str]:
    """Every list, and every charge, of every regime, those of cautions too, with its label."""
    book = today().rulebook
    regimes = [book.regime(country) for country in book.destinations()]
    charges = {c.name for regime in regimes for c in regime.charges}
    charges |= {name for r in regimes for caution in r.cautions for name in caution.charges}
    lists = {listed.name for regime in regimes for listed in regime.listed} | lists_in_data()
    lists |= {name for r in regimes for one in r.charges for name in (*one.lists, *one.not_on)}
    lists |= {name for r in regimes for one in r.cautions for name in (*one.lists, *one.not_on)}
    return {name: f"landed.line_{name}" for name in charges} | {
        name: next(filter(has_message, (f"landed.line_{name}", f"landed.list_{name}",
                                  f"landed.list_{name.partition('_')[0]}")), f"list {name}")
        for name in lists
    }  # fmt: skip


def test_every_list_and_charge_of_every_regime_has_a_label_in_both_languages() -> None:
    names = shown_names()
    assert len(names) > 150
    assert {name for name, key in names.items() if not has_message(key)} == set()
    for lang in LANGUAGES:
        with using_language(lang):
            labels = {name: list_name(name) for name in names if "_" in name}
        assert {name for name, label in labels.items() if INNER.search(label)} == set(), lang


def explained(planned: StudyPlan, market: str) -> str:
    """The sentence of its row."""
    text = explain_rows(planned, NamedDecision.from_study(world().study, planned.decided))
    name = country_name(market)
    return next(line for line in text.sentences if name in line).replace("\u00a0", " ")


def taking(share: float, full: bool) -> tuple[StudyPlan, str]:
    """The example's plan as if it took so much of its first row, its line full or half full."""
    planned = made()
    row = planned.plan.rows[0]
    solution = planned.solved.solution
    taken = np.array(solution.decision.share)
    for place, offer in enumerate(planned.solved.programme.offers.rows):
        if (offer.model, offer.market) == (row.product, row.market):
            taken[-1, place] = share
    decision = replace(solution.decision, share=taken)
    solved = replace(planned.solved, solution=replace(solution, decision=decision))
    used = tuple((line, 1.0 if full else 0.5) for line, _ in planned.plan.capacity_used)
    plan = replace(planned.plan, capacity_used=used)
    return replace(planned, solved=solved, plan=plan), row.market


def test_a_full_line_is_named_where_the_line_is_full() -> None:
    assert "× 0.27 that the full line makes of it" in explained(*taking(0.27, full=True))


def test_a_limit_is_named_where_hours_are_left() -> None:
    words = explained(*taking(0.27, full=False))
    assert "× 0.27 that the limits of the study leave of it" in words
    assert "line makes" not in words


def test_plans_that_differ_in_their_settlement_alone_say_so() -> None:
    """The same moves and, as written, the same amounts: one row, unless receipts differ."""
    whole = risk()
    today, first, second, *_ = (
        replace(point, mean_cny=mean, worst_cny=20e6, moves=0)
        for point, mean in zip(whole.points, (40e6, 44.001e6, 44.002e6), strict=False)
    )
    named = replace(first, name="careful"), replace(second, name="bold")
    with using_language("en"):
        assert choices(replace(whole, points=(today, *named))) == ()
        receipts = (("USD", 0.6, 0.25), ("CNY", 0.396, 0.0), ("EUR", 0.004, 0.0)), (("CNY", 1, 0),)
        told = [replace(one, receipts=of) for one, of in zip(named, receipts, strict=True)]
        said = [text for *_, text in choices(replace(whole, points=(today, *told)))]
    ends = [text.partition("; ")[2].replace("\u00a0", " ") for text in said]
    assert ends == [
        "first year's receipts: USD 60% (25% hedged); CNY 40%", "first year's receipts: CNY 100%",
    ]  # fmt: skip


def test_a_settlement_that_worsens_the_worst_cases_is_not_called_certain() -> None:
    """Half a million better in the worst twentieth is certain, so much worse is not."""
    told = {}
    for worst in (500_000.0, -500_000.0):
        gain = MoneyGain(159_000.0, worst, 0.0, 0.0228)
        figures = replace(decided(), money_gain=gain, pilots=(), moves=(), not_yet=())
        with using_language("en"):
            answer = replace(named(), figures=figures).answer()
            blocks = [str(block).replace("\\xa0", " ") for block in answer]
            at = next(n for n, block in enumerate(blocks) if "Settle: " in block)
            told[worst] = blocks[at - 1], blocks[at]
        assert "no change is proposed but what stands below" in blocks[0]
    assert "'Certain'" in told[500_000.0][0]
    assert "worst 5% of cases becomes CNY 500,000 higher" in told[500_000.0][1]
    assert "'Do'" in told[-500_000.0][0]
    assert "worst 5% of cases becomes CNY 500,000 lower" in told[-500_000.0][1]
