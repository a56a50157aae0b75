"""The plan in the terminal: a row says of which product it is, in a unit that shows something."""

from dataclasses import replace

import pytest

from offing.report.tellings.plan import told_plan
from offing.report.terminal import show
from offing.study.result import StudyResult
from report_example import example, one_product


def printed(result: StudyResult, capsys: pytest.CaptureFixture[str]) -> str:
    show(told_plan(result.plan, 12))
    return capsys.readouterr().out


def test_several_products_are_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    result = example()
    words = printed(result, capsys)
    for row in result.plan.rows[:12]:
        assert f"{row.product} " in words
    alone = one_product()
    code = alone.products[0].product
    assert f"{code} " not in printed(alone, capsys).split("Capacity")[0]


def test_a_small_plan_is_in_thousands(capsys: pytest.CaptureFixture[str]) -> None:
    result = one_product()
    assert "USD\u00a0m a year" in printed(result, capsys)
    plan = result.plan
    rows = tuple(replace(r, sales_usd=r.sales_usd / 1e2, sales_now_usd=0.0) for r in plan.rows)
    small = replace(plan, rows=rows, sales_usd=plan.sales_usd / 1e2, sales_now_usd=0.0)
    words = printed(replace(result, plan=small), capsys)
    assert "USD\u00a0thousand a year" in words
    assert f"{sum(row.sales_usd for row in rows) / 1e3:,.0f}" in words
