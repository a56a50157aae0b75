"""How exports are refunded: exempt, credit, refund of makers; exempt, refund of trading companies.

What a maker's month of value-added tax is made of, and what comes out of it: all amounts are
Decimal in one unit of money (yuan, or ten thousand yuan: the caller's choice). The Chinese terms
are those of the return and of 财税〔2012〕39号 and MoF/STA Announcement 2026 No. 11, which replaced
it from 2026-01-01 with the same formulas.

Manufacturers (免抵退税), one month::

    不得免征和抵扣税额 = Σ FOB × (征税率 − 退税率) − 抵减额,  抵减额 = Σ M × (征税率 − 退税率)
    应纳税额 T        = 内销销项 − (进项 − 不得免征和抵扣税额) − 上期留抵
    免抵退税额 E      = Σ FOB × 退税率 − Σ M × 退税率
    应退税额          = min(max(0, −T), E);   免抵税额 = E − 应退税额

``M`` is the price of duty-free or bonded material. A reduction never exceeds what it reduces; the
excess goes to the next month. The 2026 text (MoF/STA 2026 No. 11) states the cap; that the excess
is carried is older guidance, not yet seen confirmed for 2026.

Trading companies (免退税). The refund gives back the tax on the purchase invoice, never a share of
the export price::

    应退税额 = Σ 专票不含税金额 × min(退税率, 专票税率或征收率)
    转入成本 = Σ 专票不含税金额 × (专票税率 − 适用退税率)

An invoice of a small-scale supplier carries a levy rate (征收率, such as 3 %): the refund is no
higher. In consigned processing (委托加工) the base is the processor's invoice for the whole value,
with the trader's own material sold to the processor first.

The consumption tax (消费税) that was paid on the goods comes back whole, as the payment certificate
for exports (税收缴款书) shows it; not where the export is exempt or taxed like a sale at home.
A producer's exports are exempt from it, so there is nothing to give back.

Processing trade with imported materials (进料加工). Through the year the bonded material in an
export is its FOB times the plan ratio (实耗法). When the handbook is reconciled (核销), the actual
ratio takes its place, and the difference for all exports under the handbook adjusts the month of
the reconciliation. The method is that of STA Announcement 2012 No. 24 as practised; the text on
reconciliation, old or new (STA 2026 No. 5), was not read.

Exports taxed like sales at home (视同内销征税). The refund of the goods was cancelled, documents
were false or missing, or nothing was claimed in 36 months. The FOB price counts as tax-inclusive::

    一般纳税人  销项税额 = (FOB − 耗用的进料加工保税料件) ÷ (1 + 适用税率) × 适用税率
    小规模纳税人 应纳税额 = FOB ÷ (1 + 征收率) × 征收率

Input tax that had been moved to cost goes back to input tax.

City construction tax and the two education surcharges. Their base is the VAT paid and also the
exempt-credit amount (免抵税额), which is VAT paid by crediting (财税〔2005〕25号). A maker that
sells well at home therefore pays up to 12 % of it.

Sources: 财税〔2012〕39号 art. 4, 5, 7 and 8; MoF/STA Announcement 2026 No. 11; STA Announcement
2012 No. 24.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Literal

from offing.refunds.rules import Surtax, surtax_rates
from offing.terms.errors import InputError
from offing.terms.money import exactly, round_amount

ZERO = Decimal(0)


def _check_shares(**shares: Decimal) -> None:
    for name, share in shares.items():
        if not 0 <= share < 1:
            raise InputError("refund.bad_rate", name=name, text=share)


@dataclass(frozen=True)
class ExportLine:
    """Exports of one pair of rates in one month. Reversals (冲减) are negative.

    Attributes:
        fob_cny: 出口货物离岸价 × 人民币折合率.
        levy_rate: 征税率, as a share.
        refund_rate: 退税率, as a share; never above the levy rate.
        material_cny: 免税购进原材料价格: duty-free or bonded material used in these goods.
        name: what the user calls it.
        claimed_cny: 免抵退税申报的出口额, where papers or receipts of a part are missing
            (单证信息或收汇未齐): the exempt-credit amount is of it, what is not deductible of all.
    """

    fob_cny: Decimal
    levy_rate: Decimal
    refund_rate: Decimal
    material_cny: Decimal = ZERO
    name: str = ""
    claimed_cny: Decimal | None = None

    def __post_init__(self) -> None:
        _check_shares(levy_rate=self.levy_rate, refund_rate=self.refund_rate)
        if self.refund_rate > self.levy_rate:
            raise InputError(
                "refund.rate_above_levy", refund_rate=self.refund_rate, levy_rate=self.levy_rate
            )

    @property
    def claim_base(self) -> Decimal:
        """What the exempt-credit amount is of: all exports, or those that may be claimed yet."""
        return self.fob_cny if self.claimed_cny is None else self.claimed_cny

    @property
    def gap(self) -> Decimal:
        """征税率 − 退税率."""
        return self.levy_rate - self.refund_rate


@dataclass(frozen=True)
class Opening:
    """What the month before left.

    Attributes:
        credit_cny: 上期留抵税额.
        nondeductible_reduction_cny: 上期结转的不得免征和抵扣税额抵减额, above its cap.
        ceiling_reduction_cny: 上期结转的免抵退税额抵减额, above its cap.
    """

    credit_cny: Decimal = ZERO
    nondeductible_reduction_cny: Decimal = ZERO
    ceiling_reduction_cny: Decimal = ZERO


@dataclass(frozen=True)
class FirmMonth:
    """A manufacturer's month, as the return asks for it.

    Attributes:
        exports: one line for each pair of rates, or as many as one likes.
        domestic_output_tax_cny: 内销销项税额.
        input_tax_cny: 当期进项税额, without the credit carried in.
        opening: what the month before left. Only the first month of a run has it.
        period: such as ``2026-03``.
    """

    exports: tuple[ExportLine, ...]
    domestic_output_tax_cny: Decimal = ZERO
    input_tax_cny: Decimal = ZERO
    opening: Opening = field(default_factory=Opening)
    period: str = ""


Regime = Literal["ceiling_limited", "credit_limited", "payable"]
"""What sets the refund: the exempt-credit amount (its ceiling), the unused credit, or neither
because tax is due and nothing is refunded."""


@dataclass(frozen=True)
class MonthResult:
    """A solved month. The order is that of the return.

    Attributes:
        period: as given.
        fob_cny: 免抵退办法出口销售额.
        material_cny: 免税购进原材料价格.
        reduction_nd: 不得免征和抵扣税额抵减额, after its cap.
        nondeductible: 不得免征和抵扣税额: leaves the input tax and becomes cost.
        tax_raw: 当期应纳税额; negative is credit.
        reduction_ecr: 免抵退税额抵减额, after its cap.
        ecr: 免抵退税额, the ceiling of the refund.
        closing_credit: 期末留抵税额 before the refund.
        refund: 应退税额.
        exempt_credit: 免抵税额, used up against output tax; surtaxes are due on it.
        carry_forward: 结转下期留抵税额.
        vat_payable: 应缴增值税.
        reduction_nd_carry: above the cap, for the next month.
        reduction_ecr_carry: above the cap, for the next month.
    """

    period: str
    fob_cny: Decimal
    material_cny: Decimal
    reduction_nd: Decimal
    nondeductible: Decimal
    tax_raw: Decimal
    reduction_ecr: Decimal
    ecr: Decimal
    closing_credit: Decimal
    refund: Decimal
    exempt_credit: Decimal
    carry_forward: Decimal
    vat_payable: Decimal
    reduction_nd_carry: Decimal
    reduction_ecr_carry: Decimal

    @property
    def regime(self) -> Regime:
        """What sets the refund this month."""
        if self.closing_credit == 0:
            return "payable"
        return "ceiling_limited" if self.ecr <= self.closing_credit else "credit_limited"

    @property
    def left(self) -> Opening:
        """What the next month opens with."""
        return Opening(self.carry_forward, self.reduction_nd_carry, self.reduction_ecr_carry)


def apply_reduction(gross: Decimal, reduction: Decimal) -> tuple[Decimal, Decimal, Decimal]:
    """Take a reduction off an amount, no further than to zero.

    Returns:
        The reduction applied, what is left of the amount, and the excess for the next month.

    >>> apply_reduction(Decimal(4), Decimal("4.8"))
    (Decimal('4'), Decimal('0'), Decimal('0.8'))
    """
    applied = min(reduction, max(gross, ZERO))
    return applied, gross - applied, reduction - applied


def solve_month(month: FirmMonth, *, places: int | None = None) -> MonthResult:
    """The refund of one month.

    A month whose reversals exceed its exports has a negative exempt-credit amount: nothing is
    refunded, and the shortfall reduces the next month's.

    Args:
        month: with its opening figures.
        places: decimals to which the products of amounts and rates are rounded half up, as they
            enter the return (2 for yuan); ``None`` keeps them exact. Sums then stay exact.
    """

    def round_sum(products: Iterable[Decimal]) -> Decimal:
        total = sum(products, ZERO)
        return total if places is None else round_amount(total, places)

    with exactly():
        lines, opening = month.exports, month.opening
        fob = sum((line.fob_cny for line in lines), ZERO)
        material = sum((line.material_cny for line in lines), ZERO)
        reduction_nd, nondeductible, nd_carry = apply_reduction(
            round_sum(line.fob_cny * line.gap for line in lines),
            round_sum(line.material_cny * line.gap for line in lines)
            + opening.nondeductible_reduction_cny,
        )
        reduction_ecr, ecr, ecr_carry = apply_reduction(
            round_sum(line.claim_base * line.refund_rate for line in lines),
            round_sum(line.material_cny * line.refund_rate for line in lines)
            + opening.ceiling_reduction_cny,
        )
        if ecr < 0:
            ecr, ecr_carry = ZERO, ecr_carry - ecr
        deducted = month.input_tax_cny - nondeductible
        tax_raw = month.domestic_output_tax_cny - deducted - opening.credit_cny
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


@dataclass(frozen=True)
class Purchase:
    """One line of a purchase invoice or customs payment certificate. Red invoices are negative.

    Attributes:
        net_cny: 不含税金额, or the dutiable value of the customs certificate.
        invoice_rate: the tax or levy rate printed on it.
        refund_rate: 退税率 of the goods on the export date.
        consumption_tax_cny: 消费税 that was paid on the goods and comes back.
        taxed: their export is taxed like a sale at home (视同内销): the input tax is deducted.
    """

    net_cny: Decimal
    invoice_rate: Decimal
    refund_rate: Decimal
    consumption_tax_cny: Decimal = ZERO
    taxed: bool = False

    def __post_init__(self) -> None:
        _check_shares(invoice_rate=self.invoice_rate, refund_rate=self.refund_rate)

    @property
    def applied_rate(self) -> Decimal:
        """The lower of the two rates."""
        return min(self.refund_rate, self.invoice_rate)


@dataclass(frozen=True)
class TraderRefund:
    """What comes of the purchases.

    Attributes:
        base: 计税依据, without tax.
        input_tax: on the invoices.
        refund: 应退税额 of value-added tax.
        cost_addition: 转入成本: the input tax that is neither refunded nor deducted.
        consumption_refund: 消费税应退税额.
        deducted: the input tax of goods that are taxed like a sale at home.
    """

    base: Decimal
    input_tax: Decimal
    refund: Decimal
    cost_addition: Decimal
    consumption_refund: Decimal
    deducted: Decimal = ZERO


def net_of(gross: Decimal, rate: Decimal) -> Decimal:
    """The price without tax of a price with it.

    >>> net_of(Decimal("113.00"), Decimal("0.13")) == 100
    True
    """
    with exactly():
        return gross / (1 + rate)


def trader_refund(purchases: Iterable[Purchase]) -> TraderRefund:
    """The refund of a trading company on its purchases, unrounded.

    >>> trader_refund([Purchase(Decimal(10000), Decimal("0.03"), Decimal("0.13"))]).refund
    Decimal('300.00')
    """
    base = tax = refund = consumption = deducted = ZERO
    with exactly():
        for line in purchases:
            base += line.net_cny
            tax += line.net_cny * line.invoice_rate
            deducted += line.net_cny * line.invoice_rate * line.taxed
            refund += line.net_cny * line.applied_rate
            consumption += line.consumption_tax_cny
        cost = tax - refund - deducted
        return TraderRefund(base, tax, refund, cost, consumption, deducted)


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


def reconcile(
    fob_cny: Decimal,
    plan_ratio: Decimal,
    actual_ratio: Decimal,
    *,
    levy_rate: Decimal,
    refund_rate: Decimal,
) -> ExportLine:
    """The line that puts the actual ratio in place of the plan's for a whole handbook (核销).

    It joins the exports of the month of the reconciliation. Its material is the actual one less
    what the plan ratio assumed, negative where that was too much.

    Args:
        fob_cny: all processing exports under the handbook.
        plan_ratio: used through the year.
        actual_ratio: see :func:`ratio`.
        levy_rate: 征税率.
        refund_rate: 退税率.

    >>> made = reconcile(Decimal(1000), Decimal("0.30"), Decimal("0.25"),
    ...     levy_rate=Decimal("0.13"), refund_rate=Decimal("0.09"))
    >>> made.material_cny, -made.material_cny * made.gap, -made.material_cny * made.refund_rate
    (Decimal('-50.00'), Decimal('2.0000'), Decimal('4.5000'))
    """
    with exactly():
        material = fob_cny * actual_ratio - fob_cny * plan_ratio
    return ExportLine(ZERO, levy_rate, refund_rate, material, "核销")


def output_tax(fob_cny: Decimal, rate: Decimal, *, bonded_cny: Decimal = Decimal(0)) -> Decimal:
    """The tax due on an export that is taxed like a sale at home, unrounded.

    Args:
        fob_cny: FOB price, tax included.
        rate: 适用税率, or 征收率 of a small-scale taxpayer.
        bonded_cny: bonded material used in the goods (general taxpayers only).

    Raises:
        InputError: ``refund.material_above_fob``.

    >>> output_tax(Decimal(113000), Decimal("0.13"))
    Decimal('13000')
    """
    if fob_cny >= 0 and bonded_cny > fob_cny:
        raise InputError("refund.material_above_fob", material=bonded_cny, fob=fob_cny)
    with exactly():
        return (fob_cny - bonded_cny) * rate / (1 + rate)


@dataclass(frozen=True)
class Surtaxes:
    """The three surtaxes of a month and their common base."""

    base: Decimal
    urban: Decimal
    education: Decimal
    local_education: Decimal

    @property
    def total(self) -> Decimal:
        """All three."""
        return self.urban + self.education + self.local_education


def surtaxes(
    vat_payable: Decimal, exempt_credit: Decimal, *, rates: Surtax | None = None
) -> Surtaxes:
    """Surtaxes on VAT payable plus the exempt-credit amount, unrounded.

    The rates are those of the firm's place; a city's where ``None``.

    >>> surtaxes(Decimal(0), Decimal(60)).total
    Decimal('7.20')
    """
    of = rates or surtax_rates()["city"]
    with exactly():
        base = vat_payable + exempt_credit
        return Surtaxes(base, base * of.urban, base * of.education, base * of.local_education)


def surtaxes_of_month(result: MonthResult, place: str) -> Surtaxes:
    """Surtaxes on what a month came to, in a kind of place such as ``city``."""
    return surtaxes(result.vat_payable, result.exempt_credit, rates=surtax_rates()[place])
