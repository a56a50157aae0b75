"""Processing trade with imported materials (进料加工): plan ratio, and the later reconciliation.

Through the year the bonded material in an export is its FOB times the plan ratio (实耗法). When the
handbook is reconciled (核销), the actual ratio takes its place, and the difference for all exports
under the handbook adjusts the month of the reconciliation.

The method is that of STA Announcement 2012 No. 24 as practised; the text on reconciliation, old or
new (STA 2026 No. 5), was not read.
"""

from dataclasses import dataclass
from decimal import Decimal

from offing.refunds.months import ZERO, ExportLine
from offing.terms.amounts import exactly
from offing.terms.errors import InputError


def ratio(imports: Decimal, exports: Decimal) -> Decimal:
    """分配率 = 进口总值 ÷ 出口总值, planned or actual.

    Raises:
        InputError: ``refund.no_exports``.

    >>> ratio(Decimal(300), Decimal(1000)), ratio(Decimal(0), Decimal(1))
    (Decimal('0.3'), Decimal('0'))
    """
    if exports <= 0 or imports < 0:
        raise InputError("refund.no_exports", imports=imports, exports=exports)
    with exactly():
        return imports / exports


@dataclass(frozen=True)
class Reconciliation:
    """What the reconciliation of a handbook changes.

    Attributes:
        actual_ratio: 实际分配率.
        material: actual material less what the plan ratio assumed; negative if it was too much.
        nondeductible: change of 不得免征和抵扣税额; positive where the plan took off too much.
        ceiling: change of 免抵退税额.
        line: to add to the exports of the month of the reconciliation.
    """

    actual_ratio: Decimal
    material: Decimal
    nondeductible: Decimal
    ceiling: Decimal
    line: ExportLine


def reconcile(
    fob_cny: Decimal,
    plan_ratio: Decimal,
    actual_ratio: Decimal,
    *,
    levy_rate: Decimal,
    refund_rate: Decimal,
) -> Reconciliation:
    """Put the actual ratio in place of the plan's for all exports of a handbook.

    Args:
        fob_cny: all processing exports under the handbook.
        plan_ratio: used through the year.
        actual_ratio: see :func:`ratio`.
        levy_rate: 征税率.
        refund_rate: 退税率.

    >>> made = reconcile(Decimal(1000), Decimal("0.30"), Decimal("0.25"),
    ...     levy_rate=Decimal("0.13"), refund_rate=Decimal("0.09"))
    >>> made.material, made.nondeductible, made.ceiling
    (Decimal('-50.00'), Decimal('2.0000'), Decimal('4.5000'))
    """
    with exactly():
        material = fob_cny * actual_ratio - fob_cny * plan_ratio
        return Reconciliation(
            actual_ratio=actual_ratio,
            material=material,
            nondeductible=-material * (levy_rate - refund_rate),
            ceiling=-material * refund_rate,
            line=ExportLine(ZERO, levy_rate, refund_rate, material, "核销"),
        )
