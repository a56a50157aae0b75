"""The plan in the terminal: what to do first, then rows in a unit that shows something."""

from dataclasses import replace

import pytest

from offing.planning.plan import AskedPrice
from offing.report.decision import Decision
from offing.report.tellings.plan import how_sure, told_plan
from offing.report.terminal import show
from offing.study.result import StudyResult
from offing.terms.messages import speaking
from report_example import BATTERIES, TELEVISIONS, example, one_product, staying


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Headings in one line."""
    monkeypatch.setenv("COLUMNS", "240")


def printed(result: StudyResult, capsys: pytest.CaptureFixture[str]) -> str:
    show(told_plan(result.plan, Decision.of_result(result), 12))
    return " ".join(capsys.readouterr().out.replace("\u00a0", " ").split())


def test_moves_come_before_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    words = printed(example(), capsys)
    assert words.startswith("1. Raise the Television sets and monitors to EUR 481 in Germany")
    assert "5. Invoice the" in words
    assert "6. " not in words.split("The plan for")[0]
    assert words.index("5. Invoice the") < words.index("The plan for 2027")
    assert "It beats today's way in 81% of the worlds." in words
    assert "in the worst of twenty CNY 22.5 m (today's way CNY 21.0 m)" in words


def test_to_stay_is_said_first(capsys: pytest.CaptureFixture[str]) -> None:
    words = printed(staying(), capsys)
    assert words.startswith("Stay as you are. The best of 2 moves")
    assert "Profit 2026–2027 of today's way" in words


def test_prices_that_a_person_asks_come_first(capsys: pytest.CaptureFixture[str]) -> None:
    """ "Stay" must not hide that the study itself cuts a price."""
    result = staying()
    asked = AskedPrice(TELEVISIONS, "DEU", 684.0, 560.0, 2.45, "literature")
    words = printed(replace(result, decided=replace(result.decided, asked=(asked,))), capsys)
    assert words.startswith("The study asks other prices than the ledger shows")
    assert "in Germany at USD 560 (ledger: USD 684), units × 2.5" in words
    assert words.index("These prices are yours") < words.index("Stay as you are.")


def test_an_old_ledger_comes_first(capsys: pytest.CaptureFixture[str]) -> None:
    old = ("planning.assumed_old_ledger", {"last": "2024-12-22", "months": "23"})
    result = staying()
    words = printed(replace(result, decided=replace(result.decided, assumed=(old,))), capsys)
    assert words.startswith("The ledger ends on 2024-12-22, 23 months before the plan's day.")


def test_several_models_are_told_apart_by_their_names(capsys: pytest.CaptureFixture[str]) -> None:
    result = example()
    words = printed(result, capsys)
    assert "Germany: Television" in words
    assert BATTERIES not in words
    assert "Germany: " not in printed(one_product(), capsys)
    assert "Capacity used for Sets: 47%." in words
    assert "further rows are in the report" in words


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
    assert "2. 以537 欧元的价格进入波兰市场，销售电视机和监视器：+140 万元" in words
    assert "需投入 60 万元，十个情景中有 7 个在14 个月内收回。" in words


def test_the_worst_of_twenty_is_told_in_the_unit_of_the_profit() -> None:
    made = example()
    spread = replace(made.decided.plan, mean=174e6, low=73e6)
    today = replace(made.decided.today, mean=164e6, low=67e6)
    decided = replace(made.decided, plan=spread, today=today, gain_low_cny=272_000.0)
    with speaking("zh"):
        said = " ".join(how_sure(Decision.of_result(replace(made, decided=decided))))
    assert "17,400\u00a0万元" in said
    assert "+27.2\u00a0万元" in said
    assert "亿" not in said
    with speaking("en"):
        said = " ".join(how_sure(Decision.of_result(replace(made, decided=decided))))
    assert "CNY\u00a0174\u00a0m" in said
