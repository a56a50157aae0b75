"""What a manufacturer's month of value-added tax is made of, and what comes out of it.

All amounts are Decimal in one unit of money (yuan, or ten thousand yuan: the caller's choice).
The Chinese terms are those of the return and of 财税〔2012〕39号 and MoF/STA Announcement
2026 No. 11, which replaced it from 2026-01-01 with the same formulas.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from offing.terms.errors import InputError

ZERO = Decimal(0)


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
        for value in (self.fob_cny, self.levy_rate, self.refund_rate, self.material_cny):
            if not isinstance(value, Decimal):
                raise InputError("money.not_exact", value=value)
        for name, share in (("levy_rate", self.levy_rate), ("refund_rate", self.refund_rate)):
            if not 0 <= share < 1:
                raise InputError("refund.bad_rate", name=name, text=share)
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

    def __post_init__(self) -> None:
        for value in (self.domestic_output_tax_cny, self.input_tax_cny, self.opening.credit_cny):
            if not isinstance(value, Decimal):
                raise InputError("money.not_exact", value=value)


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
