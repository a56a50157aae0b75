"""A price is that of the invoices, in their currency; units × price × rate comes to the sales."""

import pytest

import offing
from offing.api.plan import PlanAnswer
from offing.report.decision import NamedDecision
from offing.report.layout import markdown
from offing.report.views.moves import view as view_move
from offing.report.views.plan import price_notes, view
from plain_study import STUDY

HEAD = (
    "invoice_no,export_date,buyer,destination,hs_code,model,quantity,unit,amount,currency,incoterm"
)


def ledger() -> str:
    """EUR 300 a set all through 2024, and CNY 2,200 in Japan; both on board."""
    rows = [HEAD]
    for month in range(1, 13):
        for market, price, currency in (("Germany", 300, "EUR"), ("Japan", 2200, "CNY")):
            rows.append(
                f"{market}{month},2024-{month:02d}-15,B,{market},8528,LX-55U,"
                f"{400 + 10 * month},sets,{(400 + 10 * month) * price},{currency},FOB"
            )
    return "\n".join(rows) + "\n"


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> PlanAnswer:
    folder = tmp_path_factory.mktemp("euros")
    (folder / "ledger.csv").write_text(ledger(), encoding="utf-8")
    study = folder / "study.toml"
    study.write_text(STUDY + '[ledger]\nfile = "ledger.csv"\n', encoding="utf-8")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("OFFING_WAREHOUSE", str(folder / "none"))
        found: PlanAnswer = offing.plan(study)
        return found


def test_the_price_is_that_of_the_invoices(answer: PlanAnswer) -> None:
    """At the rates of the invoices' days it was EUR 312: the dollar had risen by the year's end."""
    decision = NamedDecision.from_study(answer.planned.world.study, answer.planned.decided)
    rows = {row.market: row for row in answer.planned.plan.rows}
    assert decision.price_text(rows["DEU"].price_usd, rows["DEU"].currency) == "EUR\u00a0300"
    assert decision.price_text(rows["JPN"].price_usd, rows["JPN"].currency) == "CNY\u00a02,200"
    rates = dict(answer.planned.decided.rates)
    assert rows["DEU"].price_usd * rates["USD"] / rates["EUR"] == pytest.approx(300, rel=1e-9)
    told = markdown(view(answer))
    assert "EUR\u00a0300" in told
    assert "less credits and what the price term contains" in told
    assert "rates of 31\u00a0December\u00a02024" in told


def test_units_times_price_times_rate_are_the_sales(answer: PlanAnswer) -> None:
    """Of dollar invoices to the last digit; of others times what the worlds' rates average to."""
    planned, figures = answer.planned, answer.planned.decided
    year = figures.years[-1]
    rates = {"CNY": 1.0, **dict(figures.rates)}
    drifts = []
    for row in planned.plan.rows:
        if not row.units:
            continue
        price = row.price_usd * figures.cny_per_usd / rates[row.currency]
        sales_cny = row.units * price * rates[row.currency] * row.drift
        assert sales_cny == pytest.approx(row.sales_usd * figures.cny_per_usd, rel=1e-12)
        if row.currency == "USD":
            assert row.drift == pytest.approx(1.0, abs=1e-6)
        drifts.append(row.drift)
    decision = NamedDecision.from_study(answer.planned.world.study, figures)
    note = list(price_notes(planned.plan, decision))[-1]
    assert f"{min(drifts):.3f} to {max(drifts):.3f}" in note
    for move in figures.moves:
        shown = markdown(view_move(decision, move))
        units, price, sales = (
            move.units_after[-1], move.price_after_usd or 0.0, move.sales_after_usd[-1],
        )  # fmt: skip
        if units and abs(sales / (units * price) - 1) >= 5e-4:
            assert f"Exchange rates of {year}" in shown
            assert f"{sales / (units * price):.3f}" in shown
