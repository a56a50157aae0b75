"""Manufacturers' refund: exempt, credit, refund (免抵退税).

One month::

    不得免征和抵扣税额 = Σ FOB × (征税率 − 退税率) − 抵减额,  抵减额 = Σ M × (征税率 − 退税率)
    应纳税额 T        = 内销销项 − (进项 − 不得免征和抵扣税额) − 上期留抵
    免抵退税额 E      = Σ FOB × 退税率 − Σ M × 退税率
    应退税额          = min(max(0, −T), E);   免抵税额 = E − 应退税额

``M`` is the price of duty-free or bonded material. A reduction never exceeds what it reduces; the
excess goes to the next month. The 2026 text (MoF/STA 2026 No. 11) states the cap; that the excess
is carried is older guidance, not yet seen confirmed for 2026.

Sources: 财税〔2012〕39号 art. 5; MoF/STA Announcement 2026 No. 11; STA Announcement 2012 No. 24.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from offing.refunds.months import ZERO, ExportLine, FirmMonth, MonthResult, Opening
from offing.terms.amounts import exactly
from offing.terms.errors import InputError
from offing.terms.money import round_amount


def apply_reduction(gross: Decimal, reduction: Decimal) -> tuple[Decimal, Decimal, Decimal]:
    """Take a reduction off an amount, no further than to zero.

    Returns:
        The reduction applied, what is left of the amount, and the excess for the next month.

    >>> apply_reduction(Decimal(4), Decimal("4.8"))
    (Decimal('4'), Decimal('0'), Decimal('0.8'))
    """
    applied = min(reduction, max(gross, ZERO))
    return applied, gross - applied, reduction - applied


def _round_places(value: Decimal, places: int | None) -> Decimal:
    return value if places is None else round_amount(value, places)


def solve_month(month: FirmMonth, *, places: int | None = None) -> MonthResult:
    """The refund of one month.

    A month whose reversals exceed its exports has a negative exempt-credit amount: nothing is
    refunded, and the shortfall reduces the next month's.

    Args:
        month: with its opening figures.
        places: decimals to which the products of amounts and rates are rounded half up, as they
            enter the return (2 for yuan); ``None`` keeps them exact. Sums then stay exact.
    """
    with exactly():
        fob = sum((line.fob_cny for line in month.exports), ZERO)
        material = sum((line.material_cny for line in month.exports), ZERO)
        opening = month.opening
        reduction_nd, nondeductible, nd_carry = apply_reduction(
            _round_places(sum((line.fob_cny * line.gap for line in month.exports), ZERO), places),
            _round_places(
                sum((line.material_cny * line.gap for line in month.exports), ZERO), places
            )
            + opening.nondeductible_reduction_cny,
        )
        reduction_ecr, ecr, ecr_carry = apply_reduction(
            _round_places(sum((x.claim_base * x.refund_rate for x in month.exports), ZERO), places),
            _round_places(
                sum((x.material_cny * x.refund_rate for x in month.exports), ZERO), places
            )
            + opening.ceiling_reduction_cny,
        )
        if ecr < 0:
            ecr, ecr_carry = ZERO, ecr_carry - ecr
        tax_raw = (
            month.domestic_output_tax_cny
            - (month.input_tax_cny - nondeductible)
            - opening.credit_cny
        )
        credit = max(ZERO, -tax_raw)
        refund = min(credit, ecr)
        return MonthResult(
            period=month.period,
            fob_cny=fob,
            material_cny=material,
            reduction_nd=reduction_nd,
            nondeductible=nondeductible,
            tax_raw=tax_raw,
            reduction_ecr=reduction_ecr,
            ecr=ecr,
            closing_credit=credit,
            refund=refund,
            exempt_credit=ecr - refund,
            carry_forward=credit - refund,
            vat_payable=max(ZERO, tax_raw),
            reduction_nd_carry=nd_carry,
            reduction_ecr_carry=ecr_carry,
        )


def solve_months(
    months: Sequence[FirmMonth], *, places: int | None = None
) -> tuple[MonthResult, ...]:
    """A run of months; each opens with what the one before left. Their order matters.

    Args:
        months: in order.
        places: see :func:`solve_month`.

    Raises:
        InputError: ``refund.opening_twice`` where a later month brings its own opening figures.
    """
    results: list[MonthResult] = []
    for month in months:
        if results:
            if month.opening != Opening():
                raise InputError("refund.opening_twice", period=month.period)
            month = replace(month, opening=results[-1].left)
        results.append(solve_month(month, places=places))
    return tuple(results)


def group_by_rates(lines: Iterable[ExportLine]) -> tuple[ExportLine, ...]:
    """The same exports, one line for each pair of rates: the rate groups of the return."""
    groups: dict[tuple[Decimal, Decimal], list[Decimal]] = {}
    with exactly():
        for line in lines:
            sums = groups.setdefault((line.levy_rate, line.refund_rate), [ZERO, ZERO])
            sums[0] += line.fob_cny
            sums[1] += line.material_cny
    return tuple(
        ExportLine(fob, levy, refund, material)
        for (levy, refund), (fob, material) in sorted(groups.items())
    )
