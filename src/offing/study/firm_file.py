"""The firm in a study file: itself, its models (型号), the plants that make them, its ledger."""

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from offing.landed.shipment import check_density, check_under
from offing.study.section import (
    Bands,
    Country,
    CurrencyCode,
    Days,
    DutyRate,
    EachOnce,
    Elasticity,
    Key,
    Names,
    NotNegative,
    Positive,
    Product,
    Section,
    Share,
)
from offing.terms.errors import InputError
from offing.terms.incoterms import Incoterm

HIGHEST_LEVY = Decimal("0.17")
"""The highest rate of China's value-added tax since 1994."""


class FirmFacts(Section):
    """The firm, and the month of its value-added tax that a marginal refund rests on.

    ``vat_status`` is ``manufacturer`` (免抵退), ``trader`` (免退) or ``small_scale``. The tax
    figures are a typical month, in CNY.
    """

    name: Names
    origin: Country
    city: Names
    made_up: bool = False
    vat_status: Literal["manufacturer", "trader", "small_scale"] = "manufacturer"
    firm_class: Annotated[int, Field(ge=1, le=4)] = 2
    domestic_output_tax_cny: NotNegative = Decimal(0)
    input_tax_cny: NotNegative = Decimal(0)
    opening_credit_cny: NotNegative = Decimal(0)
    export_fob_cny: NotNegative = Decimal(0)

    @property
    def silent_of_month(self) -> bool:
        """Whether a month of exports that its refund rests on (免抵退) is not there; 0 is said."""
        return self.vat_status == "manufacturer" and "export_fob_cny" not in self.model_fields_set


class ArticleFacts(Section):
    """What is known of an article whichever file describes it.

    Costs and prices are for one ``unit``. ``cost_cny`` is without value-added tax;
    ``input_vat_cny`` is the input tax that its materials carry. ``refund_rate`` is looked up in
    the rulebook where it is left out. ``market_prices_usd`` has the price where it differs from
    ``price_usd``.
    """

    code: Product
    name: Names
    unit: Literal["item", "kg"] = "item"
    brand: Literal["own", "oem"] = "own"
    cost_cny: Positive
    input_vat_cny: NotNegative
    levy_rate: Share = Decimal("0.13")
    refund_rate: Share | None = None
    price_usd: Positive
    price_term: Incoterm = "FOB"
    kg: Positive
    m3: Positive
    national_codes: dict[str, str] = {}
    market_prices_usd: Annotated[dict[Country, Positive], EachOnce] = {}

    @field_validator("input_vat_cny")
    @classmethod
    def _tax_of_the_cost(cls, value: Decimal, info: ValidationInfo) -> Decimal:
        """Input tax is at most the highest rate there ever was on the whole cost."""
        cost = info.data.get("cost_cny")
        if cost is not None and value > cost * HIGHEST_LEVY:
            raise InputError("study.input_tax_above_cost", value=value, cost=cost)
        return value

    @field_validator("m3")
    @classmethod
    def _volume_of_the_weight(cls, value: Decimal, info: ValidationInfo) -> Decimal:
        if (kg := info.data.get("kg")) is not None:
            check_density(kg, value)
        return value

    @field_validator("national_codes")
    @classmethod
    def _codes_of_the_product(cls, codes: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        if (product := info.data.get("code")) is not None:
            for code in codes.values():
                check_under(code, product)
        return codes


class ModelFacts(ArticleFacts):
    """One model (型号): the firm's own article, with a price, a cost and a customer of its own.

    Several models may share an HS ``code``. ``ledger`` has the values of the ledger's model column
    that are this model; without it they are its ``key`` and its ``name``. A model that the ledger
    names nowhere takes the sales of its code at prices of its tier.
    ``line`` is where it is made (left out where there is one line), ``hours`` the line hours of one
    unit, ``minimum_lot`` the least units a year that are worth a run. ``elasticity`` is your own
    figure of by how many per cent fewer are sold when the price rises by one per cent; above 1.
    Costs and prices are for one ``unit``: ``cost_cny`` without value-added tax, at the plant of
    ``line``; ``input_vat_cny`` is the input tax that its materials carry. ``refund_rate`` is looked
    up in the rulebook where it is left out. ``market_prices_usd`` has the price where it differs
    from ``price_usd``; ``national_codes`` the importer's own code, and under ``HS`` the six digits
    that every other importer has where ``code`` is a heading of four.
    """

    key: Key
    ledger: list[str] = []
    line: Key | None = None
    hours: Positive = Decimal(1)
    minimum_lot: NotNegative = Decimal(0)
    elasticity: Elasticity | None = None


class Line(Section):
    """A production line (产线): what several models share. ``hours`` are those it runs a year."""

    key: Key
    hours: Positive
    name: Names | None = None


class Makes(Section):
    """A model that a plant can make beside those whose ``line`` it has, at its own cost.

    ``hours`` are the line hours of one unit there; the model's own where they are left out.
    """

    model: Key
    line: Key
    cost_cny: Positive
    hours: Positive | None = None


class Preference(Section):
    """A trade agreement under which a plant's goods may enter a market at another ``duty``.

    It holds where the plant's ``local_content`` is at least ``least_content``: the rule of origin
    (原产地规则). Both are yours to check; the agreements' rules by code are not in the rulebook.
    """

    market: Country
    name: str
    duty: DutyRate
    least_content: Share


class Plant(Section):
    """A plant (工厂): its country, lines and what it can make.

    The goods' origin is the plant's country, and duty is paid by that origin. ``local_content`` is
    the share of a unit's FOB value that is made there: it decides whether a ``preference`` holds.
    ``days`` is from the order to the port.
    """

    key: Key
    country: Country
    name: Names | None = None
    made_up: bool = False
    local_content: Share | None = None
    days: Days = 0
    line: Annotated[list[Line], Field(min_length=1)]
    makes: list[Makes] = []
    preference: list[Preference] = []

    def duty_preferred(self, market: str) -> tuple[Decimal, str] | None:
        """The duty under an agreement whose rule of origin is met, and the agreement's name."""
        content = self.local_content
        if content is None:
            return None
        met = [p for p in self.preference if p.market == market and content >= p.least_content]
        return min(((p.duty, p.name) for p in met), default=None)


class LedgerFile(Section):
    """The firm's sales: a CSV or XLSX file, and which of its columns is which.

    ``currency`` is that of lines that name none; ``dates`` says which part of 03/05/2024 is the
    day, where the ledger leaves it open: ``day-first`` or ``month-first``. ``leave_out`` has the
    models, or codes, that no ``[[model]]`` is and that the plan leaves out knowingly. With
    ``keep_prices`` the ledger's prices hold where it shows sales: ``price_usd`` is asked in the
    other markets, and ``market_prices_usd`` wherever it names one.
    """

    file: Path
    sheet: str | None = None
    columns: dict[str, str] = {}
    currency: CurrencyCode | None = None
    dates: Literal["day-first", "month-first"] | None = None
    leave_out: list[str] = []
    keep_prices: bool = False
    bands_usd: Bands = [Decimal(500), Decimal(5000)]
