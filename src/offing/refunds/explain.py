"""Say how each figure of a month came about: the formula with its numbers, and its source."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal

from offing.refunds.calendar import deadlines, firm_class
from offing.refunds.exempt_credit import by_rates
from offing.refunds.months import FirmMonth, MonthResult
from offing.refunds.surtax import CITY_RATES, EDUCATION_RATE, LOCAL_EDUCATION_RATE
from offing.rules.rule_use import RuleUse
from offing.terms.messages import say


def _money(value: Decimal) -> str:
    return f"{value:,.2f}"


def _share(value: Decimal) -> str:
    return f"{(value * 100).normalize():f}%"


def explain_month(month: FirmMonth, result: MonthResult) -> list[str]:
    """The steps of a month in the language of the context, one sentence each.

    Args:
        month: with the opening figures that it was solved with.
        result: of :func:`~offing.refunds.exempt_credit.solve_month`.
    """
    groups = by_rates(month.exports)
    disallowed = " + ".join(f"{_money(g.fob_cny)} × {_share(g.gap)}" for g in groups) or "0"
    ceiling = " + ".join(f"{_money(g.fob_cny)} × {_share(g.refund_rate)}" for g in groups) or "0"
    return [
        say(
            "refund.step_nondeductible",
            sum=disallowed,
            reduction=_money(result.reduction_nd),
            result=_money(result.nondeductible),
        ),
        say(
            "refund.step_tax",
            output=_money(month.domestic_output_tax_cny),
            input=_money(month.input_tax_cny),
            nondeductible=_money(result.nondeductible),
            credit=_money(month.opening.credit_cny),
            result=_money(result.tax_raw),
        ),
        say(
            "refund.step_ceiling",
            sum=ceiling,
            reduction=_money(result.reduction_ecr),
            result=_money(result.ecr),
        ),
        say(
            "refund.step_refund",
            credit=_money(result.closing_credit),
            ecr=_money(result.ecr),
            result=_money(result.refund),
        ),
        say(
            "refund.step_exempt",
            ecr=_money(result.ecr),
            refund=_money(result.refund),
            result=_money(result.exempt_credit),
        ),
        say(f"refund.limit_{result.regime}"),
    ]


def as_solved(month: FirmMonth, before: MonthResult | None) -> FirmMonth:
    """The month with the opening figures that the month before left it."""
    return month if before is None else replace(month, opening=before.left)


SURTAX_SOURCE = (
    "Caishui 2005 No. 25: the base is VAT paid and the exempt-credit amount; Urban Maintenance and "
    "Construction Tax Law art. 4 for the rate by place"
)


def rules_behind(
    place: str, class_number: int, export_dates: Iterable[date] = ()
) -> tuple[RuleUse, ...]:
    """What a month's figures rest on beside the refund rates: surtaxes, class, claim rules.

    Args:
        place: of the firm: ``city``, ``town`` or ``elsewhere``.
        class_number: the firm's class (出口退税管理类别), 1 to 4.
        export_dates: whose claim rules are wanted.
    """
    urban = CITY_RATES[place]
    total = urban + EDUCATION_RATE + LOCAL_EDUCATION_RATE
    parts = " + ".join(_share(rate) for rate in (urban, EDUCATION_RATE, LOCAL_EDUCATION_RATE))
    mine = firm_class(class_number)
    claims = {deadlines(day).rule.id: deadlines(day).rule for day in sorted(set(export_dates))}
    return (
        RuleUse(
            f"chn.surtax.{place}",
            f"{parts} = {_share(total)}",
            None,
            None,
            SURTAX_SOURCE,
            "checked",
        ),
        RuleUse(
            f"chn.firm_class.{mine.number}",
            f"T+{mine.working_days}",
            None,
            None,
            mine.source,
            mine.status,
        ),
        *claims.values(),
    )
