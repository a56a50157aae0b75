"""Read a study file: check every key at the boundary, so that the rooms below can trust it."""

import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from offing.rules.reform import StudyReform
from offing.study.file_errors import MisfitError, bad_value, refusal
from offing.terms.countries import country_code
from offing.terms.currencies import currency_code
from offing.terms.errors import InputError, Where
from offing.terms.hs import product_code
from offing.terms.incoterms import Incoterm

Country = Annotated[str, AfterValidator(lambda text: country_code(text))]
CurrencyCode = Annotated[str, AfterValidator(lambda text: currency_code(text))]


def _tier_method(text: str) -> str:
    from offing.ladders.tiers import method_name

    return method_name(text)


TierMethod = Annotated[str, AfterValidator(_tier_method)]
Product = Annotated[str, AfterValidator(lambda text: product_code(text))]
Share = Annotated[Decimal, Field(ge=0, le=1)]
Positive = Annotated[Decimal, Field(gt=0)]
NotNegative = Annotated[Decimal, Field(ge=0)]


class Section(BaseModel):
    """A table of the study file: unknown keys are refused, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Names(Section):
    """A name in both languages."""

    en: str
    zh: str


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


class ProductFacts(Section):
    """One product the firm makes.

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
    capacity: Positive
    kg: Positive
    m3: Positive
    national_codes: dict[str, str] = {}
    market_prices_usd: dict[Country, Positive] = {}

    @field_validator("capacity")
    @classmethod
    def _whole_items(cls, value: Decimal, info: ValidationInfo) -> Decimal:
        """Items are made whole; kilograms need not be."""
        if info.data.get("unit") == "item" and value != value.to_integral_value():
            raise InputError("study.not_whole")
        return value


class LedgerFile(Section):
    """The firm's sales: a CSV or XLSX file, and which of its columns is which."""

    file: Path
    sheet: str | None = None
    columns: dict[str, str] = {}
    bands_usd: list[Positive] = [Decimal(500), Decimal(5000)]


class Markets(Section):
    """Which markets to look at: ``all`` those in the data, or the ones named."""

    consider: Literal["all"] | list[Country] = "all"
    leave_out: list[Country] = []
    dataset: str | None = None
    year: Annotated[int, Field(ge=1900, le=2100)] | None = None
    horizon: Annotated[int, Field(ge=1, le=5)] = 2
    tiers: TierMethod = "split-2007"


class Shipping(Section):
    """What a shipment costs on its way, in USD. The user's own figures."""

    shipment_units: Positive
    inland_usd_per_m3: NotNegative
    export_clearance_usd: NotNegative
    freight_usd_per_m3_1000km: NotNegative
    freight_usd_per_m3_fixed: NotNegative
    insurance_rate: Share = Decimal("0.003")
    insured_markup: Share = Decimal("0.10")
    mode: Literal["sea", "air", "rail"] = "sea"


class Limits(Section):
    """What the plan must respect, as shares of planned sales or of today's.

    ``caution`` is the taste for risk: 0 looks at the mean of each outlook alone, 1 at the lower
    end of its 80 % interval.
    """

    largest_market_share: Share = Decimal("0.35")
    least_margin_rate: Decimal = Decimal("0.03")
    largest_growth: Positive = Decimal("3")
    entry_share: Share = Decimal("0.02")
    caution: Share = Decimal("0.25")


def _term(text: str) -> str:
    from offing.settlement.charges import payment_term

    return payment_term(text)


PaymentTerm = Annotated[str, AfterValidator(_term)]
Days = Annotated[int, Field(ge=0, le=1080)]


class Payable(Section):
    """What the firm pays in another currency each year, such as for panels: it offsets sales."""

    name: str = ""
    currency: CurrencyCode
    amount_a_year: Positive
    days: Days = 30


class SettlementFacts(Section):
    """How the planned sales are settled.

    ``accepts`` has the currencies in which buyers take an invoice, ``market_accepts`` those of
    single markets; both are the user's assumption. ``risk`` is how far the 95 % limit of all
    receivables together may lie below what is expected.
    """

    days: Days = 90
    terms: PaymentTerm = "open_account"
    accepts: Annotated[list[CurrencyCode], Field(min_length=1)] = ["USD"]
    market_accepts: dict[Country, Annotated[list[CurrencyCode], Field(min_length=1)]] = {}
    risk: Share = Decimal("0.02")
    cny_discount: Share = Decimal(0)
    payable: list[Payable] = []


class Study(Section):
    """A whole study file."""

    title: Names
    on: date
    seed: int = 1
    firm: FirmFacts
    product: Annotated[list[ProductFacts], Field(min_length=1)]
    ledger: LedgerFile | None = None
    markets: Markets = Markets()
    shipping: Shipping
    limits: Limits = Limits()
    settlement: SettlementFacts | None = None
    reform: StudyReform | None = None

    @model_validator(mode="after")
    def _year_is_known(self) -> "Study":
        """A base year after the study's day would be the future."""
        if self.markets.year is not None and self.markets.year > self.on.year:
            raise MisfitError(
                ("markets", "year"), "study.year_after_on", self.markets.year, self.on
            )
        return self


def read_study(path: Path) -> Study:
    """The study in a TOML file, checked.

    Raises:
        InputError: the file is missing, is not TOML, has a key that no study has
            (``study.unknown_key``, with the nearest), or a value that cannot be.
    """
    if path.is_dir():
        path = path / "study.toml"
    if not path.is_file():
        raise InputError("study.no_file", where=Where(path), path=path)
    try:
        text = path.read_text(encoding="utf-8-sig")
        data = tomllib.loads(text, parse_float=Decimal)
    except UnicodeDecodeError as error:
        raise InputError("study.not_utf8", where=Where(path)) from error
    except tomllib.TOMLDecodeError as error:
        raise InputError("study.not_toml", where=Where(path), reason=str(error)) from error
    try:
        return Study.model_validate(data)
    except ValidationError as error:
        raise refusal(error, path, text, Study) from error
    except InputError as error:
        raise bad_value(Where(path), "", "", error) from error
