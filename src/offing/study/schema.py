"""The kinds of values in a study file, checked as they are read."""

from contextlib import suppress
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from offing.landed.shipment import HIGHEST_MARKUP, HIGHEST_PREMIUM, check_density, check_under
from offing.terms.amounts import clear_amount
from offing.terms.countries import GEOGRAPHY_OF, all_countries, country_code
from offing.terms.currencies import currency_code
from offing.terms.errors import InputError
from offing.terms.hs import product_code
from offing.terms.incoterms import Incoterm, mode_of
from offing.terms.messages import enumerated
from offing.terms.payment import payment_term
from offing.terms.text import normal


class Section(BaseModel):
    """A table of the study file: unknown keys are refused, values do not change."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, str_strip_whitespace=True, defer_build=True
    )


class Names(Section):
    """A name in both languages; one text stands for both."""

    en: str
    zh: str

    @model_validator(mode="before")
    @classmethod
    def _one_text(cls, value: object) -> object:
        return {"en": value, "zh": value} if isinstance(value, str) else value


def _tier_method(text: str) -> str:
    from offing.ladders.tiers import method_name

    return method_name(text)


def _clear(value: object) -> object:
    """A number in quotes is as a person types it; one without has a decimal point."""
    return clear_amount(value) if isinstance(value, str) else value


def _percent(value: object) -> object:
    """A share: 0.13, or with its sign "13%"."""
    if isinstance(value, str) and (text := normal(value)).endswith("%"):
        return clear_amount(text[:-1].strip()).scaleb(-2)
    return _clear(value)


def _each_once(value: object) -> object:
    """Two names of one country, ``DEU`` and ``Germany``, would leave one figure unread."""
    if isinstance(value, dict):
        named: dict[str, str] = {}
        for name in map(str, value):
            other = named.setdefault(_code(name), name)
            if other != name:
                raise InputError("study.market_twice", one=other, other=name)
    return value


def _code(name: str) -> str:
    """A country's code; the name itself where nobody knows it: its own check says so."""
    with suppress(InputError):
        return country_code(name)
    return name


def _elastic(value: Decimal) -> Decimal:
    """With an elasticity of 1 or less every dearer price earns more: no price is best."""
    if value <= 1:
        raise InputError("study.not_elastic", value=value)
    return value


def _duty(value: Decimal) -> Decimal:
    """A duty as a share: 0.14 is 14 %."""
    if not 0 <= value <= HIGHEST_DUTY:
        raise InputError("study.no_duty_rate", value=value)
    return value


def _country(text: str) -> str:
    """A country that there is: nothing can be planned in the Soviet Union."""
    code = country_code(text)
    if (until := all_countries()[code].until) is not None:
        raise InputError("study.country_gone", country=code, until=until)
    if all_countries()[code].kind == "unspecified" and code not in GEOGRAPHY_OF:
        raise InputError("study.no_country", text=text)
    return code


def _rising(values: list[Decimal]) -> list[Decimal]:
    """Limits of price bands, each above the one before."""
    if any(high <= low for low, high in pairwise(values)):
        raise InputError("study.bands_fall", bands=enumerated(map(str, values)))
    return values


HIGHEST_DUTY = Decimal(10)
"""A duty of more than ten times the value is a percentage that was not divided by 100."""

Country = Annotated[str, AfterValidator(_country)]
CurrencyCode = Annotated[str, AfterValidator(lambda text: currency_code(text))]
TierMethod = Annotated[str, AfterValidator(_tier_method)]
Product = Annotated[str, AfterValidator(lambda text: product_code(text))]
PaymentTerm = Annotated[str, AfterValidator(lambda text: payment_term(text))]
Key = Annotated[str, Field(pattern=r"^[\w.+-]{1,40}$")]
Share = Annotated[Decimal, BeforeValidator(_percent), Field(ge=0, le=1)]
Positive = Annotated[Decimal, BeforeValidator(_clear), Field(gt=0)]
NotNegative = Annotated[Decimal, BeforeValidator(_clear), Field(ge=0)]
Elasticity = Annotated[Decimal, BeforeValidator(_clear), AfterValidator(_elastic)]
DutyRate = Annotated[Decimal, BeforeValidator(_percent), AfterValidator(_duty)]
Days = Annotated[int, Field(ge=0, le=1080)]
Margin = Annotated[Decimal, Field(gt=-1, lt=1)]
Bands = Annotated[list[Positive], AfterValidator(_rising)]
EachOnce = BeforeValidator(_each_once)

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


class Markets(Section):
    """Which markets to look at: ``all`` those in the data, or the ones named.

    ``must_keep`` are markets that the plan may not leave: a contract, a certificate, a buyer. They
    get at least what they would get if all went on as today; where a line is full, that is a part.
    """

    consider: Literal["all"] | list[Country] = "all"
    leave_out: list[Country] = []
    must_keep: list[Country] = []
    dataset: str | None = None
    year: Annotated[int, Field(ge=1900, le=2100)] | None = None
    horizon: Annotated[int, Field(ge=1, le=5)] = 2
    tiers: TierMethod = "split-2007"


def _mode(given: object) -> object:
    return mode_of(given) if isinstance(given, str) else given


class Shipping(Section):
    """What a shipment costs on its way, in USD. The user's own figures."""

    shipment_units: Positive
    inland_usd_per_m3: NotNegative
    export_clearance_usd: NotNegative
    freight_usd_per_m3_1000km: NotNegative
    freight_usd_per_m3_fixed: NotNegative
    insurance_rate: Annotated[Decimal, Field(ge=0, le=HIGHEST_PREMIUM)] = Decimal("0.003")
    insured_markup: Annotated[Decimal, Field(ge=0, le=HIGHEST_MARKUP)] = Decimal("0.10")
    mode: Annotated[Literal["sea", "air", "rail"], BeforeValidator(_mode)] = "sea"


class Channel(Section):
    """How goods reach the buyer in some markets, or in all that no other channel names.

    ``commission`` is what the firm pays to agents and platforms, a share of FOB sales. ``margin``
    is what importers and shops add on their way to the shelf, a share of the shelf price without
    value-added tax: it joins a shelf price with a landed one.
    """

    name: str = ""
    markets: list[Country] = []
    commission: Share = Decimal(0)
    margin: Annotated[Decimal, Field(ge=0, lt=1)] = Decimal(0)


class MarketSums(Section):
    """What being in one market costs, in CNY, part by part. A part left out is as usual."""

    certification_cny: NotNegative | None = None
    listing_cny: NotNegative | None = None
    promotion_cny: NotNegative | None = None
    visits_cny: NotNegative | None = None
    first_stock_cny: NotNegative | None = None


class EnteringSums(MarketSums):
    """What entering one market costs, in CNY, and how much of it a pilot there pays at once."""

    pilot_cny: NotNegative | None = None


class Entering(EnteringSums):
    """What it costs once to enter a market (进入成本), in CNY; ``market`` has single markets' own.

    A part that is given nowhere has a shipped figure, which is illustrative: no statistics of it
    exist. The report shows the parts and their sum. ``pilot_cny`` is how much of the sum a pilot
    (试点进入) pays before its first year, the rest on going on; where it is left out, that is all
    but listing and promotion.
    """

    market: Annotated[dict[Country, EnteringSums], EachOnce] = {}


class Keeping(MarketSums):
    """What a market costs each year, whatever is sold there (维持成本), in CNY; as entering."""

    market: Annotated[dict[Country, MarketSums], EachOnce] = {}


class Span(Section):
    """How far a cost may go: from ``low`` to ``high`` times what the study says (80 of 100)."""

    low: Annotated[Decimal, Field(gt=0, le=1)]
    high: Annotated[Decimal, Field(ge=1, le=10)]


class Ranges(Section):
    """How unsure costs are: sea freight, and the inputs that ``cost_cny`` is made of."""

    freight: Span = Span(low=Decimal("0.7"), high=Decimal("1.6"))
    inputs: Span = Span(low=Decimal("0.92"), high=Decimal("1.10"))


class Announced(Section):
    """A duty that is announced and not yet law, on goods of the firm's own country.

    ``rate`` comes on top of the duty of the day from ``year`` on, with your ``probability``.
    """

    market: Country
    year: Annotated[int, Field(ge=2000, le=2100)]
    rate: DutyRate
    probability: Annotated[Decimal, Field(gt=0, lt=1)]


class Rates(Section):
    """Yearly rates: ``discount`` of a later yuan, ``interest`` on what buyers owe, both a share.

    ``credit_insurance`` is the premium over sales (出口信用保险).
    """

    discount: Share = Decimal("0.08")
    interest: Share = Decimal("0.035")
    credit_insurance: Share = Decimal(0)


class Limits(Section):
    """What the plan must respect, as shares of planned sales or of today's.

    ``least_margin_rate`` holds for entries: what sells today is kept or left by what it earns.
    ``caution``, ``largest_growth`` and ``return_after`` are not read by this plan, which says so: a
    market that is left stays left for the horizon.
    ``worst_twentieth_cny`` is the loss that could be borne: the average
    profit of the worst twentieth of all cases may not be below it (a loss is negative).
    ``likelier_than`` is how likely a move's gain must be; ``entry_budget_cny`` what all entries
    together may cost; ``working_capital_cny`` what buyers may owe at one time. ``entry_share`` is
    what a firm without a ledger may take of its country's sales in a new segment; one with sales
    and no entry of its own yet takes at most that.
    """

    largest_market_share: Share = Decimal("0.35")
    least_margin_rate: Margin = Decimal("0.03")
    largest_growth: Positive = Decimal("3")
    entry_share: Share = Decimal("0.02")
    caution: Share = Decimal("0.25")
    worst_twentieth_cny: Decimal | None = None
    likelier_than: Annotated[Decimal, Field(ge=Decimal("0.5"), lt=1)] = Decimal("0.6667")
    entry_budget_cny: NotNegative | None = None
    working_capital_cny: Positive | None = None
    return_after: Annotated[int, Field(ge=0, le=10)] = 2


class StressFacts(Section):
    """Shocks that the plan is put under by ``offing run``: each alone, then all together.

    ``shocks`` are names of the library (``offing run`` lists them where one is not known) or shock
    files, relative to the study. ``reverse`` asks what would have to be true: the smallest size of
    each shock at which the plan, kept, earns no more than ``floor_cny`` a year. ``draws`` are those
    of elasticities.
    """

    shocks: Annotated[list[str], Field(min_length=1)]
    reverse: bool = True
    floor_cny: Decimal = Decimal(0)
    draws: Annotated[int, Field(ge=20, le=5000)] = 200


class Payable(Section):
    """What the firm pays in another currency each year, such as for panels: it offsets sales."""

    name: str = ""
    currency: CurrencyCode
    amount_a_year: Positive
    days: Days = 30


class Held(Section):
    """A forward that the firm holds already (已签远期): it counts before anything more is hedged.

    ``rate`` is the agreed CNY for one unit; ``until`` the day of delivery. ``side`` is ``sell``
    for receipts that are sold ahead, ``buy`` for outlays that are bought.
    """

    currency: CurrencyCode
    amount: Positive
    rate: Positive
    until: date
    side: Literal["sell", "buy"] = "sell"


class SettlementFacts(Section):
    """How the planned sales are settled.

    ``accepts`` has the currencies in which buyers take an invoice, ``market_accepts`` those of
    single markets; both are the user's assumption. ``risk`` is how far the 95 % limit of all
    receivables together may lie below what is expected. ``held`` are forwards that the firm has.
    ``buyer_limits_cny`` is what a buyer may owe at one time, by its name in the ledger.
    ``volatility`` is yours, a year against the dollar, of a currency without daily rates.
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
    held: list[Held] = []
    volatility: dict[CurrencyCode, Share] = {}
    buyer_limits_cny: dict[str, NotNegative] = {}
