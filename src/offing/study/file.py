"""Read a study file: check every key at the boundary, so that the rooms below can trust it."""

import tomllib
from contextlib import suppress
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from offing.landed.shipment import HIGHEST_MARKUP, HIGHEST_PREMIUM, check_density, check_under
from offing.rules.reform import StudyReform
from offing.sources.text_file import read_text
from offing.study.file_errors import MisfitError, refusal
from offing.terms.amounts import clear_amount
from offing.terms.countries import country_code
from offing.terms.currencies import currency_code
from offing.terms.errors import InputError, Where
from offing.terms.exchange import OLDEST
from offing.terms.hs import product_code
from offing.terms.incoterms import Incoterm
from offing.terms.messages import say
from offing.terms.payment import payment_term

Country = Annotated[str, AfterValidator(lambda text: country_code(text))]
CurrencyCode = Annotated[str, AfterValidator(lambda text: currency_code(text))]


def _tier_method(text: str) -> str:
    from offing.ladders.tiers import method_name

    return method_name(text)


TierMethod = Annotated[str, AfterValidator(_tier_method)]
Product = Annotated[str, AfterValidator(lambda text: product_code(text))]
Share = Annotated[Decimal, Field(ge=0, le=1)]


def _clear(given: object) -> object:
    """A number in quotes is as a person types it; one without has a decimal point."""
    return clear_amount(given) if isinstance(given, str) else given


Positive = Annotated[Decimal, BeforeValidator(_clear), Field(gt=0)]
NotNegative = Annotated[Decimal, BeforeValidator(_clear), Field(ge=0)]


def _each_once(given: object) -> object:
    """Two names of one country, ``DEU`` and ``Germany``, would leave one figure unread."""
    if isinstance(given, dict):
        named: dict[str, str] = {}
        for name in map(str, given):
            other = named.setdefault(_code(name), name)
            if other != name:
                raise InputError("study.market_twice", one=other, other=name)
    return given


def _code(name: str) -> str:
    """A country's code; the name itself where nobody knows it: its own check says so."""
    with suppress(InputError):
        return country_code(name)
    return name


EachOnce = BeforeValidator(_each_once)


HIGHEST_LEVY = Decimal("0.17")
"""The highest rate of China's value-added tax since 1994."""


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
    market_prices_usd: Annotated[dict[Country, Positive], EachOnce] = {}

    @field_validator("capacity")
    @classmethod
    def _whole_items(cls, value: Decimal, info: ValidationInfo) -> Decimal:
        """Items are made whole; kilograms need not be."""
        if info.data.get("unit") == "item" and value != value.to_integral_value():
            raise InputError("study.not_whole")
        return value

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
    insurance_rate: Annotated[Decimal, Field(ge=0, le=HIGHEST_PREMIUM)] = Decimal("0.003")
    insured_markup: Annotated[Decimal, Field(ge=0, le=HIGHEST_MARKUP)] = Decimal("0.10")
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
    market_accepts: Annotated[
        dict[Country, Annotated[list[CurrencyCode], Field(min_length=1)]], EachOnce
    ] = {}
    risk: Share = Decimal("0.02")
    cny_discount: Share = Decimal(0)
    payable: list[Payable] = []


class Study(Section):
    """A whole study file; ``rates_age`` is how many days old an exchange rate may be.

    ``rules`` are the firm's own rule files and the folders of rule packs, relative to the file;
    ``rules_key`` is the file of the key that the packs are signed with.
    """

    title: Names
    on: date
    rates_age: Annotated[int, Field(ge=0)] = OLDEST
    seed: int = 1
    firm: FirmFacts
    product: Annotated[list[ProductFacts], Field(min_length=1)]
    ledger: LedgerFile | None = None
    markets: Markets = Markets()
    shipping: Shipping
    limits: Limits = Limits()
    settlement: SettlementFacts | None = None
    reform: StudyReform | None = None
    rules: list[Path] = []
    rules_key: Path | None = None

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
    text = read_text(path)
    try:
        data = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise InputError("study.not_toml", where=Where(path), reason=str(error)) from error
    try:
        return Study.model_validate(data)
    except ValidationError as error:
        raise refusal(error, path, text, Study) from error
    except InputError as error:
        raise InputError(
            "study.bad_value",
            where=Where(path),
            key="",
            value="",
            reason=error.found,
            expected=error.expected or "",
            step=error.next_step or say("study.bad_value_step"),
        ) from error
