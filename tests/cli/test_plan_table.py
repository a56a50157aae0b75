"""The plan in the terminal: what to do first, then rows in a unit that shows something."""

from dataclasses import replace

import pytest

from offing.planning.plan import AskedPrice
from offing.report.decision import Decision, decisive_cautions, further_cautions
from offing.report.terminal import show
from offing.report.views.plan import facts, rate_cell, told_plan
from offing.study.result import StudyResult
from offing.terms.caution import Caution, Dollars, Likelihood, Phrase, countries
from offing.terms.countries import country_name
from offing.terms.messages import speaking
from offing.terms.numbers import money, percent
from report_example import example, one_product, staying
from report_markets import BATTERIES, TELEVISIONS


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Headings in one line."""
    monkeypatch.setenv("COLUMNS", "240")


def printed(result: StudyResult, capsys: pytest.CaptureFixture[str]) -> str:
    decision = Decision.of_result(result)
    show(told_plan(result.plan, decision, result.warnings, 12))
    return " ".join(capsys.readouterr().out.replace("\u00a0", " ").split())


def test_moves_come_before_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    words = printed(example(), capsys)
    assert words.startswith("1. Raise the Television sets and monitors to EUR 481 in Germany")
    assert "5. Invoice the" in words
    assert "6. " not in words.split("The plan for")[0]
    assert words.index("5. Invoice the") < words.index("The plan for 2027")
    assert "Beats today's way: 81%" in words
    assert "Worst of twenty, 2026–2027: CNY 22.5 m (today's way: CNY 21 m)" in words


def test_to_stay_is_said_first(capsys: pytest.CaptureFixture[str]) -> None:
    words = printed(staying(), capsys)
    assert words.startswith("Stay as you are: no change is proposed. The best of 2 moves")
    assert "Profit 2026–2027: " in words


def test_prices_that_a_person_asks_stand_right_under_the_answer(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """ "Stay" must not hide that the study itself cuts a price; the answer still comes first."""
    result = staying()
    asked = AskedPrice(TELEVISIONS, "DEU", 684.0, 560.0, 2.45, "literature")
    words = printed(replace(result, decided=replace(result.decided, asked=(asked,))), capsys)
    assert words.startswith("Stay as you are: no change")
    assert "! The study asks other prices than the ledger shows" in words
    assert "in Germany at USD 560 (ledger: USD 684), units × 2.5" in words
    assert words.index("These prices are yours") < words.index("Profit 2026–2027")


def test_an_old_ledger_is_told_beside_the_answer(capsys: pytest.CaptureFixture[str]) -> None:
    old = Caution("planning.assumed_old_ledger", {"last": "2024-12-22", "months": "23"})
    result = staying()
    words = printed(replace(result, decided=replace(result.decided, assumed=(old,))), capsys)
    told = "! The ledger ends on 2024-12-22, 23 months before the plan's day."
    assert words.startswith("Stay as you are: no change")
    assert words.index(told) < words.index("Profit 2026–2027")


def test_only_cautions_that_could_turn_the_plan_stand_beside_it() -> None:
    """Three at most, what weighs most first; one about little money or another market does not."""
    result = example()
    planned = {row.market for row in result.plan.rows if row.sales_usd > 0}
    assert "DEU" in planned
    assert "BRA" not in planned
    little, much = (Dollars(round(result.plan.sales_usd * share)) for share in (0.01, 0.1))
    rest = [
        Caution("study.warn_unread", {"names": "x"}),
        Caution("study.warn_no_model", {"usd": little, "names": "X1"}),
        Caution("study.warn_at_cap", {"markets": countries(["DEU"]), "cap": "35%"}),
        Caution("study.warn_other_markets", {"usd": much, "markets": countries(["ARE"])}),
        Caution("study.warn_no_quote", {"markets": countries(["BRA", "DEU"])}),
        Caution(
            "study.warn_missing",
            {
                "about": Phrase("study.about_plan"),
                "unknown": Phrase("study.no_tariff_line"),
                "markets": countries(["DEU"]),
                "usd": much,
                "holds": Likelihood(0.9),
            },
        ),
    ]
    given = result.plan, Decision.of_result(result), rest
    turning, others = decisive_cautions(*given), further_cautions(*given)
    assert [text.split()[0:4] for text in turning] == [
        ["Missing", "in", "Germany:", "the"],
        ["At", "most", "35%", "of"],
        [*money(much * 7.25, "CNY").split(), "of", "the"][:4],
    ]
    assert "the answer holds for 90% of all sales" in turning[0]
    assert [text for text in others if "Brazil" in text]
    assert [text for text in others if "X1" in text]


def test_a_slip_that_the_plan_rests_on_stands_beside_it() -> None:
    """A plan that leaves every market since hours are minutes must not say so further down."""
    result = example()
    slips = [
        Caution("study.warn_beyond_capacity", {"model": "TV", "units": "175,528", "able": "7,500"}),
        Caution("study.warn_cost_share", {"model": "TV", "share": "10 %"}),
        Caution("study.warn_other_plant",
         {"model": "TV", "plant": "v", "name": "cost_cny", "value": "8.9", "home": "62"}),
    ]  # fmt: skip
    turning = decisive_cautions(result.plan, Decision.of_result(result), slips)
    assert len(turning) == 3
    assert "cost_cny = 8.9, where it is 62 at home" in turning[2]


def test_a_margin_on_next_to_no_sales_has_no_six_digits() -> None:
    assert rate_cell(-2167.679).text == f"<{percent(-10, 0)}"
    assert rate_cell(-0.121).text == percent(-0.121, 1)


def test_the_table_of_moves_that_is_named_is_printed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for width in ("80", "100"):
        monkeypatch.setenv("COLUMNS", width)
        result = example()
        decision = Decision.of_result(result)
        assert "table of moves" in decision.more()
        show(told_plan(result.plan, decision, (), 12))
        lines = capsys.readouterr().out.splitlines()
        assert max(map(len, lines)) <= int(width)
        start = next(n for n, line in enumerate(lines) if line.startswith("The moves, CNY"))
        end = next(n for n, line in enumerate(lines) if line.startswith("The plan for"))
        table = " ".join(" ".join(lines[start:end]).split())
        for move in result.decided.moves:
            assert country_name(move.market).split()[0] in table


def test_several_models_are_told_apart_by_their_names(capsys: pytest.CaptureFixture[str]) -> None:
    result = example()
    words = printed(result, capsys)
    assert "Germany: Television" in words
    assert BATTERIES not in words
    assert "Germany: " not in printed(one_product(), capsys)
    assert "Capacity used for Sets: 47%." in words
    assert "further rows: offing plan --explain" in words


def test_a_small_plan_is_in_thousands(capsys: pytest.CaptureFixture[str]) -> None:
    result = one_product()
    assert "Plan 2027, CNY m" in printed(result, capsys)
    rows = tuple(
        replace(r, sales_usd=r.sales_usd / 1e3, sales_now_usd=0.0) for r in result.plan.rows
    )
    total = sum(row.sales_usd for row in rows)
    small = replace(result.plan, rows=rows, sales_usd=total, sales_now_usd=0.0)
    words = printed(replace(result, plan=small), capsys)
    assert "Plan 2027, CNY thousand" in words
    assert f"{total * 7.25 / 1e3:,.1f}" in words


def test_chinese_reads_as_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    with speaking("zh"):
        words = printed(example(), capsys)
    assert "2. 以 537 欧元的价格进入波兰市场，销售电视机和监视器：+140 万元" in words
    assert "需投入 60 万元，十个情景中有 7 个在 14 个月内收回。" in words


def test_the_worst_of_twenty_is_told_in_the_unit_of_the_profit() -> None:
    made = example()
    spread = replace(made.decided.plan, mean=174e6, low=73e6)
    today = replace(made.decided.today, mean=164e6, low=67e6)
    decided = replace(made.decided, plan=spread, today=today, gain_low_cny=272_000.0)
    decision = Decision.of_result(replace(made, decided=decided))
    with speaking("zh"):
        said = " ".join(f"{f.value} {f.remark}" for f in facts(made.plan, decision)[:3])
    assert "17,400\u00a0万元" in said
    assert "+27.2\u00a0万元" in said
    assert "亿" not in said
    with speaking("en"):
        said = " ".join(f"{f.value} {f.remark}" for f in facts(made.plan, decision)[:3])
    assert "CNY\u00a0174\u00a0m" in said
