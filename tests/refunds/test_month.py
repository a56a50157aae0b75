"""The month of a manufacturer: published answers, wrong public answers, and what must always hold.

Published figures are from the CPA examples that the cases name; each is exact, so no tolerance.
"""

import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import offing.refunds as refund_room
from offing.refunds.explain import explain_month
from offing.refunds.marginal import MarginalEffect, marginal_effect
from offing.refunds.methods import (
    ExportLine,
    FirmMonth,
    MonthResult,
    Opening,
    group_by_rates,
    reconcile,
    solve_month,
    solve_months,
    surtaxes,
)
from offing.refunds.rules import surtax_rates
from offing.terms.errors import InputError
from offing.terms.messages import using_language

D = Decimal


def of(*figures: object) -> tuple[object, ...]:
    return figures


def month(
    fob: str, levy: str, refund: str, *, material: str = "0", home: str, inputs: str, credit: str
) -> FirmMonth:
    return FirmMonth(
        (ExportLine(D(fob), D(levy), D(refund), D(material)),),
        D(home),
        D(inputs),
        Opening(D(credit)),
    )


def test_cpa_example_refund_at_the_ceiling() -> None:
    # CPA textbook, cited by app.ixiawen.com/question/38228141: 26 refunded, 22 carried on.
    result = solve_month(month("200", "0.17", "0.13", home="17", inputs="68", credit="5"))
    assert of(result.nondeductible, result.tax_raw, result.ecr) == (8, -48, 26)
    assert of(result.refund, result.exempt_credit, result.carry_forward) == (26, 0, 22)
    assert result.regime == "ceiling_limited"


def test_duty_free_material_is_taken_off_both_amounts() -> None:
    # chinaacc.com/wenda/detail/xt/10294061: refund 14.2.
    result = solve_month(
        month("260", "0.13", "0.10", material="100", home="13", inputs="26", credit="6")
    )
    assert of(result.nondeductible, result.ecr, result.refund) == (D("4.8"), 16, D("14.2"))


def test_excess_of_a_reduction_goes_to_the_next_month() -> None:
    first = month("100", "0.13", "0.09", material="120", home="0", inputs="20", credit="0")
    second = replace(first, exports=(ExportLine(D(100), D("0.13"), D("0.09")),))
    one, two = solve_months([first, second])
    assert of(one.reduction_nd, one.nondeductible, one.reduction_nd_carry) == (4, 0, D("0.8"))
    assert of(one.ecr, one.reduction_ecr_carry) == (0, D("1.8"))
    assert two.nondeductible == D("3.2")
    assert two.ecr == D("7.2")


def test_reversals_above_exports_reduce_the_next_month() -> None:
    back = month("-50", "0.13", "0.13", home="0", inputs="10", credit="0")
    out = month("100", "0.13", "0.13", home="0", inputs="20", credit="0")
    one, two = solve_months([back, out])
    assert of(one.ecr, one.refund, one.reduction_ecr_carry) == (0, 0, D("6.5"))
    assert two.ecr == D("6.5")


def test_reconciliation_makes_the_year_what_it_would_have_been() -> None:
    """Plan ratio through two months, then the actual one: the sums are those of the actual."""

    def exports(ratio: str) -> list[FirmMonth]:
        return [
            month(fob, "0.13", "0.09", material=str(D(fob) * D(ratio)), home="0", inputs="60",
                  credit="0")
            for fob in ("400", "600")
        ]  # fmt: skip

    made = reconcile(D(1000), D("0.30"), D("0.25"), levy_rate=D("0.13"), refund_rate=D("0.09"))
    planned = exports("0.30")
    adjusted = replace(planned[1], exports=(*planned[1].exports, made))
    with_plan = solve_months([planned[0], adjusted])
    with_actual = solve_months(exports("0.25"))
    for name in ("nondeductible", "ecr", "refund"):
        assert sum(getattr(each, name) for each in with_plan) == sum(
            getattr(each, name) for each in with_actual
        )
    assert with_plan[-1].carry_forward == with_actual[-1].carry_forward


def test_a_later_opening_credit_is_refused() -> None:
    some = month("100", "0.13", "0.13", home="0", inputs="10", credit="3")
    with pytest.raises(InputError) as caught:
        solve_months([some, some])
    assert caught.value.key == "refund.opening_twice"


def test_a_refund_above_the_levy_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        ExportLine(D(1), D("0.13"), D("0.17"))
    assert caught.value.key == "refund.rate_above_levy"


def test_no_float_in_the_room() -> None:
    """Tax money is Decimal all the way: the sources do not even name the binary kind."""
    folder = Path(str(refund_room.__file__)).parent
    for file in sorted(folder.glob("*.py")):
        code = re.sub(r'""".*?"""|#.*', "", file.read_text(encoding="utf-8"), flags=re.S)
        assert not re.search(r"\bfloat\(|\bnumpy\b|\bmath\.|: float\b|-> float\b", code), file.name


money = st.decimals(min_value=0, max_value=10**13, places=2, allow_nan=False)
signed = st.decimals(min_value=-(10**9), max_value=10**13, places=2, allow_nan=False)
levy_and_refund = st.sampled_from(
    [(D(a), D(b)) for a, b in (("0.13", "0.13"), ("0.13", "0.09"), ("0.09", "0.06"), ("0.13", "0"))]
)


@st.composite
def lines(draw: st.DrawFn) -> ExportLine:
    levy, refund = draw(levy_and_refund)
    fob = draw(signed)
    share = D(draw(st.integers(0, 130))) / 100
    return ExportLine(fob, levy, refund, fob * share)


months = st.builds(
    FirmMonth, exports=st.lists(lines(), max_size=4).map(tuple), domestic_output_tax_cny=money,
    input_tax_cny=money, opening=st.builds(Opening, credit_cny=money),
)  # fmt: skip


@settings(deadline=None)
@given(months)
def test_what_always_holds(firm: FirmMonth) -> None:
    result = solve_month(firm)
    assert 0 <= result.refund <= result.ecr
    assert result.refund <= result.closing_credit
    assert result.refund + result.exempt_credit == result.ecr
    assert result.refund + result.carry_forward == result.closing_credit
    assert result.closing_credit - result.vat_payable == -result.tax_raw
    assert min(result.closing_credit, result.vat_payable) == 0
    for name in MonthResult.__dataclass_fields__:
        assert isinstance(getattr(result, name), Decimal | str)


@settings(deadline=None)
@given(st.lists(months, min_size=1, max_size=4))
def test_input_tax_is_conserved_over_a_run(run: list[FirmMonth]) -> None:
    """All input tax is refunded, made cost, used against output tax, or still carried."""
    chain = [run[0], *(replace(each, opening=Opening()) for each in run[1:])]
    results = solve_months(chain)
    paid_in = run[0].opening.credit_cny + sum(each.input_tax_cny for each in chain)
    gone = sum(result.refund + result.nondeductible for result in results)
    used = sum(
        each.domestic_output_tax_cny - result.vat_payable
        for each, result in zip(chain, results, strict=True)
    )
    assert paid_in == gone + used + results[-1].carry_forward


@settings(deadline=None)
@given(months)
def test_grouping_lines_by_rate_changes_nothing(firm: FirmMonth) -> None:
    assert solve_month(replace(firm, exports=group_by_rates(firm.exports))) == solve_month(firm)


def test_the_order_of_months_matters() -> None:
    # 233.com/cpa/tax/fudao/20061006/091707773-3.html, example 1: 4.7 then 6.5, 3 carried.
    def trading(fob: str, sales: str, inputs: str) -> FirmMonth:
        return month(fob, "0.17", "0.13", home=str(D(sales) * D("0.17")), inputs=inputs, credit="0")

    september, october = trading("60", "20", "10.5"), trading("50", "50", "20")
    forward = solve_months([september, october])
    backward = solve_months([october, september])
    assert [result.refund for result in forward] == [D("4.7"), D("6.5")]
    assert [result.refund for result in backward] == [D("6.5"), D("7.7")]
    assert forward[-1].carry_forward == 3
    assert backward[-1].carry_forward == 0


@pytest.mark.parametrize(("fob", "refund"), [("80", "8.42"), ("100", "7.62")])
def test_refund_falls_as_the_price_rises_when_there_is_a_gap(fob: str, refund: str) -> None:
    # m.777doc.com/doc-3439754.html
    result = solve_month(month(fob, "0.17", "0.13", home="0", inputs="11.62", credit="0"))
    assert result.refund == D(refund)


def one_more(firm: FirmMonth, fob: str = "1000", inputs: str = "90") -> MarginalEffect:
    return marginal_effect(
        firm,
        ExportLine(D(fob), D("0.13"), D("0.09")),
        input_tax_cny=D(inputs),
        surtax_rate=D("0.12"),
    )


def test_marginal_in_each_regime() -> None:
    ceiling = one_more(month("1e6", "0.13", "0.09", home="0", inputs="9e5", credit="0"))
    credit = one_more(month("1e6", "0.13", "0.09", home="1e5", inputs="1.5e5", credit="0"))
    payable = one_more(month("1e6", "0.13", "0.09", home="9e5", inputs="1e5", credit="0"))
    assert of(ceiling.regime, ceiling.refund, ceiling.carry_forward) == ("ceiling_limited", 90, -40)
    assert of(credit.regime, credit.refund, credit.exempt_credit) == ("credit_limited", 50, 40)
    assert of(payable.regime, payable.refund, payable.vat_payable) == ("payable", 0, -50)
    assert credit.surtax == D("4.80")
    assert payable.surtax == D("0.12") * (90 - 50)
    assert ceiling.cost == 40
    assert (credit.cost, payable.cost) == (D("44.80"), D("44.80"))  # 40 and 12 % of 40
    # what comes, less tax and surtax to pay and the 90 of input tax paid to the supplier
    assert of(ceiling.cash, credit.cash, payable.cash) == (0, D("-44.80"), D("-44.80"))
    assert of(ceiling.days_to_cash, credit.days_to_cash, payable.days_to_cash) == (44, 44, 0)
    assert credit.simple_refund == 90
    for effect in (ceiling, credit, payable):
        with using_language("zh"):
            assert re.search("[\u4e00-\u9fff]", effect.why())


@settings(deadline=None)
@given(months, money, money)
def test_marginal_input_tax_goes_somewhere(firm: FirmMonth, fob: Decimal, inputs: Decimal) -> None:
    effect = one_more(firm, str(fob), str(inputs))
    assert inputs == (
        effect.nondeductible + effect.refund + effect.carry_forward - effect.vat_payable
    )


def test_surtaxes_are_due_on_the_exempt_credit_amount() -> None:
    # scpro.cn/v/bab7e9ffc5144727.html: 60 × 12 % = 7.2.
    assert surtaxes(D(0), D(60)).total == D("7.2")


def test_the_steps_show_their_sums() -> None:
    firm = month("1e6", "0.13", "0.09", home="0", inputs="9e5", credit="0")
    steps = [str(step) for step in explain_month(firm, solve_month(firm))]
    assert "1,000,000.00 × 4%" in steps[0]
    assert any("1,000,000.00 × 9%" in step for step in steps)
    nothing = FirmMonth((), D(0), D(5))
    assert "0" in str(explain_month(nothing, solve_month(nothing))[0])


@settings(deadline=None)
@given(months)
def test_the_same_in_another_unit_of_money(firm: FirmMonth) -> None:
    """Ten thousand yuan instead of yuan changes nothing but the unit."""
    scaled = FirmMonth(
        tuple(
            replace(
                line, fob_cny=line.fob_cny.scaleb(-4), material_cny=line.material_cny.scaleb(-4)
            )
            for line in firm.exports
        ),
        firm.domestic_output_tax_cny.scaleb(-4),
        firm.input_tax_cny.scaleb(-4),
        Opening(firm.opening.credit_cny.scaleb(-4)),
    )
    assert solve_month(scaled).refund.scaleb(4) == solve_month(firm).refund


def test_surtaxes_of_a_place_are_the_sum_of_three() -> None:
    """城建税 7 %, 5 % or 1 % by place, 教育费附加 3 %, 地方教育附加 2 %, of what is paid."""
    totals = {place: float(rate.total) for place, rate in surtax_rates().items()}
    assert totals == {"city": 0.12, "town": 0.10, "elsewhere": 0.06}


def test_wrong_public_answer_without_the_nondeductible_part() -> None:
    # electedteal.com xt/6049873 refunds 10; with the four points not deductible, tax is due.
    result = solve_month(month("350", "0.17", "0.13", home="68", inputs="68", credit="10"))
    assert result.refund != 10
    assert of(result.tax_raw, result.refund, result.exempt_credit) == (4, 0, D("45.5"))
