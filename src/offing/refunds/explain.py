"""Say how each figure of a month came about: the formula with its numbers, and its source."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal

from offing.refunds.calendar import deadlines, firm_class
from offing.refunds.methods import FirmMonth, MonthResult, group_by_rates
from offing.refunds.rules import surtax_rates
from offing.rules.rule_use import RuleUse, percent
from offing.terms.messages import say


def _money(value: Decimal) -> str:
    return f"{value:,.2f}"


def explain_month(month: FirmMonth, result: MonthResult) -> tuple[str, ...]:
    """The steps of a month, from the input tax that is not deductible to what limits the refund.

    The month has the opening figures that it was solved with.
    """
    groups = group_by_rates(month.exports)
    disallowed = " + ".join(f"{_money(g.fob_cny)} × {percent(g.gap)}" for g in groups) or "0"
    ceiling = " + ".join(f"{_money(g.fob_cny)} × {percent(g.refund_rate)}" for g in groups) or "0"

    def step(name: str, sum_: str = "", **amounts: Decimal) -> str:
        values = {key: _money(value) for key, value in amounts.items()}
        return say(f"refund.step_{name}", sum=sum_, **values)

    nondeductible, refund, ecr = result.nondeductible, result.refund, result.ecr
    return (
        step("nondeductible", disallowed, reduction=result.reduction_nd, result=nondeductible),
        step(
            "tax",
            output=month.domestic_output_tax_cny,
            input=month.input_tax_cny,
            nondeductible=nondeductible,
            credit=month.opening.credit_cny,
            result=result.tax_raw,
        ),
        step("ceiling", ceiling, reduction=result.reduction_ecr, result=ecr),
        step("refund", credit=result.closing_credit, ecr=ecr, result=refund),
        step("exempt", ecr=ecr, refund=refund, result=result.exempt_credit),
        say(f"refund.limit_{result.regime}"),
    )


def as_solved(month: FirmMonth, before: MonthResult | None) -> FirmMonth:
    """The month with the opening figures that the month before left it."""
    return month if before is None else replace(month, opening=before.left)


def rules_behind(
    place: str, class_number: int, export_dates: Iterable[date]
) -> tuple[RuleUse, ...]:
    """What a month's figures rest on beside the refund rates: surtaxes, class, claim rules.

    ``place`` is ``city``, ``town`` or ``elsewhere``.
    """
    claims = {use.id: use for use in (deadlines(day).rule for day in sorted(set(export_dates)))}
    return (surtax_rates()[place].use(), firm_class(class_number).use(), *claims.values())
