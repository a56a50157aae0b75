"""What a firm's own files say, once read: typed, exact, each record with its place.

``sources`` makes these and the analytics take them: no room above reads a file.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Generic, Literal, TypeVar

from offing.terms.caution import Caution, Value
from offing.terms.errors import OffingError, Where
from offing.terms.interval import Interval
from offing.terms.messages import join_list, language

T = TypeVar("T")
FirmSize = Literal["micro", "small", "medium", "large"]
"""As the firm says, by its country's classes (大中小微)."""
ZERO = Decimal(0)


@dataclass(frozen=True)
class Records(Generic[T]):
    """What could be used of a file, in its order.

    Attributes:
        rows: the records.
        quarantined: rows in quarantine, each with its reason and place.
        notes: message keys with their values: what a careful person would want to know.
        path: the file.
    """

    rows: tuple[T, ...]
    quarantined: tuple[OffingError, ...] = ()
    notes: tuple[Caution, ...] = ()
    path: Path | None = None


@dataclass(frozen=True)
class ModelFigures:
    """What a firm says of one unit of a model; ``None`` where it says nothing.

    Attributes:
        model: the firm's name of it.
        code: its HS code.
        cost_cny: without value-added tax, with ``input_vat_cny`` in it.
        kg, m3: of the packed unit.
        refund_rate: a share.
    """

    model: str
    code: str | None
    cost_cny: Decimal | None
    input_vat_cny: Decimal | None
    kg: Decimal | None
    m3: Decimal | None
    refund_rate: Decimal | None


@dataclass(frozen=True)
class Reconciled:
    """核销 of a handbook: its exports, the plan's ratio (计划分配率) and the actual one."""

    fob_cny: Decimal
    plan_ratio: Decimal
    actual_ratio: Decimal


@dataclass(frozen=True)
class Bought:
    """A purchase invoice of a trading company: net or gross of tax, in yuan.

    ``tax_cny`` is the tax as the file has it; ``None`` where it does not say it.
    ``consumption_tax_cny`` is what its tax payment certificate for exports (税收缴款书) shows.
    """

    net_cny: Decimal | None
    gross_cny: Decimal | None
    rate: Decimal
    consumption_tax_cny: Decimal = ZERO
    tax_cny: Decimal | None = None


@dataclass(frozen=True)
class MonthLine:
    """A line of a firm's months: an export, a purchase, a reconciliation, or sums of the month.

    Amounts are in yuan, rates are shares; ``None`` is what the line does not say. ``fob_cny`` is
    离岸价, converted at the line's rate of exchange where it is in foreign money; ``plan_ratio``
    (计划分配率) is of ``plan_base_cny``: 进料加工离岸价, else the FOB price. ``input_tax_cny`` is
    less 进项税额转出, which is ``transfer_out_cny``. ``opening`` is 上期留抵 and the two reductions
    carried in. ``currency`` and ``fx``, yuan for one unit, are of the price in foreign money.
    ``declaration`` is 报关单号 with its item and ``invoice`` 进货凭证号, where the line names them.
    ``columns``: our name → the heading.
    """

    period: str
    where: Where
    export_date: date | None = None
    fob_cny: Decimal | None = None
    levy_rate: Decimal | None = None
    refund_rate: Decimal | None = None
    material_cny: Decimal = ZERO
    plan_base_cny: Decimal | None = None
    plan_ratio: Decimal | None = None
    deemed_domestic: bool = False
    group: str = ""
    code: str = ""
    output_tax_cny: Decimal = ZERO
    input_tax_cny: Decimal = ZERO
    transfer_out_cny: Decimal = ZERO
    opening: tuple[Decimal, Decimal, Decimal] = (ZERO, ZERO, ZERO)
    reconciled: Reconciled | None = None
    bought: Bought | None = None
    currency: str | None = None
    fx: Decimal | None = None
    declaration: str = ""
    invoice: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)

    def at(self, column: str) -> Where:
        """The place of a cell."""
        return Where(self.where.file, self.where.row, self.columns.get(column, column))


@dataclass(frozen=True)
class Deal:
    """An export deal as agreed.

    Attributes:
        amount: in ``currency``; negative for a payable.
        currency: in which the price was agreed.
        days: until payment.
        terms: of payment, see :data:`offing.terms.sale_terms.RISK_ORDER`.
        cost_cny: what the goods cost the firm; ``None`` where not given.
        name: what the user calls it.
        accepts: other currencies in which the buyer would take the invoice.
    """

    amount: Decimal
    currency: str
    days: int
    terms: str = "open_account"
    cost_cny: Decimal | None = None
    name: str = ""
    accepts: tuple[str, ...] = ()


CHARGES = ("freight", "insurance", "misc")
"""What a declaration states beside its price: 运费, 保费, 杂费."""


@dataclass(frozen=True)
class DeclaredCharge:
    """A charge as declared: its value beside its mark, in a currency (empty: that of the price)."""

    value: Decimal
    mark: str
    currency: str
    where: Where


@dataclass(frozen=True)
class Declared:
    """One item of a customs declaration: 海关编号, 项号, 监管方式, 总价 in ``currency`` (币制).

    ``fob`` is the total until the charges are taken off; ``term`` (成交方式) is as written;
    ``gross_kg`` is 毛重 of the declaration. A charge that is not declared is left out. ``buyer``
    is 境外收货人, ``place`` 境内货源地, ``producer`` 生产销售单位, ``invoice`` the number of the
    export invoice, ``booked`` the month of the books, ``2026-03``; each empty where not said.
    ``price`` is 单价, in the currency of the total.
    """

    number: str
    item: str
    export_date: date
    mode: str
    code: str
    name: str
    quantity: Decimal
    unit: str
    total: Decimal
    fob: Decimal
    currency: str
    term: str
    gross_kg: Decimal | None
    charges: Mapping[str, DeclaredCharge]
    where: Where
    buyer: str = ""
    place: str = ""
    producer: str = ""
    invoice: str = ""
    booked: str = ""
    price: Decimal | None = None


@dataclass(frozen=True)
class Invoiced:
    """One item of a supplier's invoice; ``key`` names the invoice.

    ``supplier`` is 销方名称, ``buyer`` 购买方名称, ``code`` the goods' customs code and
    ``declaration`` the one that the item is bought for, where the file says them.
    """

    key: str
    on: date
    name: str
    quantity: Decimal
    unit: str
    net: Decimal
    rate: Decimal | None
    tax: Decimal
    status: str
    where: Where
    supplier: str = ""
    code: str = ""
    declaration: str = ""
    buyer: str = ""


@dataclass(frozen=True)
class Sold:
    """One item of an export invoice: ``total`` in ``currency``; what is not said is empty.

    ``declaration`` and ``item`` are of the customs declaration that the invoice belongs to.
    """

    number: str
    on: date | None
    name: str
    code: str
    quantity: Decimal | None
    unit: str
    total: Decimal
    currency: str
    buyer: str
    declaration: str
    item: str
    where: Where


@dataclass(frozen=True)
class Received:
    """One receipt of money for a declaration, or for an export ``invoice``.

    ``reason`` is why what is missing counts as received (视同收汇原因); ``payer`` is 付款人.
    """

    number: str
    on: date
    amount: Decimal
    currency: str
    where: Where
    payer: str = ""
    reason: str = ""
    invoice: str = ""


@dataclass(frozen=True)
class LibraryRow:
    """One code in one period; ``levy_rates`` has more than one where the levy depends.

    ``flag`` (TSFLAG): ``taxed`` like a sale at home, ``exempt`` without a refund, else empty.
    """

    code: str
    levy_rates: tuple[Decimal, ...]
    refund_rate: Decimal
    when: Interval
    flag: str = ""


@dataclass(frozen=True)
class LibraryRows:
    """A version of the official rate library.

    Attributes:
        rows: code → its rows.
        source: the file's name and the start of its SHA-256, for the trace.
        remembered: from an earlier question; for a code that it has not, others may answer.
    """

    rows: Mapping[str, tuple[LibraryRow, ...]]
    source: str
    remembered: bool = False


@dataclass(frozen=True)
class Edition:
    """What an edition of a fair brought to the firms that were sent (上届成效).

    Attributes:
        firms: sent, more than none.
        intent: 意向成交额, what was spoken of; ``None`` where it is not known.
        contract: 合同额, what was signed.
        recorded: 实绩, what was exported to buyers of the fair and recorded afterwards.
        currency: of the three.
    """

    firms: int
    intent: Decimal | None
    contract: Decimal | None
    recorded: Decimal | None
    currency: str


@dataclass(frozen=True)
class Fair:
    """A line of an office's catalogue of fairs (展会目录).

    Attributes:
        name: of the fair.
        markets: alpha-3.
        products: HS codes.
        on: its day; ``None`` where it is not said.
        places: that may be supported; ``None`` of a line that tells an earlier edition only.
        place_cny: what the office pays for a place (参展补贴).
        fixed_cny: what it pays for the fair as a whole, if it supports it at all.
        edition: what the last edition brought.
        effect: of a place by a local estimate: recorded export, its ends of 80 % or ``None``, and
            its currency.
        source: of that estimate.
        last_places: supported last year; ``None`` where it is not told.
        last_cny: what these cost.
        name_en: in English, where the catalogue has it.
    """

    name: str
    markets: tuple[str, ...]
    products: tuple[str, ...]
    on: date | None
    places: int | None
    place_cny: Decimal
    fixed_cny: Decimal
    edition: Edition | None
    effect: tuple[Decimal, Decimal | None, Decimal | None, str] | None
    source: str
    last_places: int | None = None
    last_cny: Decimal | None = None
    name_en: str = ""

    @property
    def title(self) -> str:
        """Its name in the reader's language."""
        return self.name_en if self.name_en and language() == "en" else self.name


@dataclass(frozen=True)
class FairFirm:
    """A firm that may be sent to fairs: name, HS codes, size class, fairs that it asks for.

    ``first`` is whether it has never been sent; ``None`` where that is not told.
    """

    name: str
    products: tuple[str, ...]
    size: str
    asks: tuple[str, ...]
    first: bool | None = None


def row_caution(key: str, rows: Sequence[object], **values: Value) -> Iterator[Caution]:
    """A caution of some rows, with how many there are and the first of them; none of none."""
    if rows:
        yield Caution(key, {"count": len(rows), "rows": join_list(rows, 5), **values})
