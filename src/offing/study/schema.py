"""The tables of a study file and their keys, checked as they are read.

What the keys and tables of a study file are called.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from offing.landed.shipment import HIGHEST_MARKUP, HIGHEST_PREMIUM, check_density, check_under
from offing.study.value_types import (
    HIGHEST_LEVY,
    SELDOM,
    Amount,
    Bands,
    Country,
    CurrencyCode,
    Days,
    DutyRate,
    EachOnce,
    Elasticity,
    Key,
    Kind,
    Margin,
    NotNegative,
    PaymentTerm,
    Percent,
    PerUsd,
    Positive,
    Product,
    RefundRate,
    Share,
    ShockName,
    TierMethod,
    Typed,
)
from offing.terms.errors import InputError
from offing.terms.messages import has_message, say
from offing.terms.sale_terms import Incoterm, mode_of


class StudySection(BaseModel):
    """A table of the study file: unknown keys are refused, values do not change."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, str_strip_whitespace=True, defer_build=True
    )


class Names(StudySection):
    """A name in both languages; one text stands for both."""

    en: str
    zh: str

    @model_validator(mode="before")
    @classmethod
    def _one_text(cls, value: object) -> object:
        return {"en": value, "zh": value} if isinstance(value, str) else value


_KINDS: Mapping[Any, Kind] = {
    bool: "tick", Decimal: "number", int: "whole", date: "day", Path: "path", Names: "name",
}  # fmt: skip


class Shape(NamedTuple):
    """What a key holds: values of a kind, alone, in a list or a table, or tables of their own."""

    kind: Kind
    many: type | None = None
    of: Kind = "text"
    lists: bool = False
    options: Any = None
    section: type[BaseModel] | None = None


def shape_of(hint: Any, marks: tuple[Any, ...] = ()) -> Shape:
    """What a type of the schema holds."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return shape_of(args[0], (*args[1:], *marks))
    if origin in (Union, UnionType):  # "all" or a list is a list
        return shape_of([kind for kind in args if kind is not NoneType][-1], marks)
    if origin is list:
        return shape_of(args[0])._replace(many=list)
    if origin is dict:
        value = shape_of(args[1])
        return value._replace(many=dict, of=shape_of(args[0]).kind, lists=value.many is list)
    if origin is Literal:
        return Shape("choice", options=args)
    mark = next((mark for mark in marks if isinstance(mark, Typed)), None)
    if mark is not None:
        return Shape(mark.kind, options=mark.options)
    table = hint if isinstance(hint, type) and issubclass(hint, BaseModel) else None
    kind: Kind = _KINDS.get(hint, "text" if table is None else "table")
    return Shape(kind, section=table)


class FirmFacts(StudySection):
    """The firm, and the month of its value-added tax that a marginal refund rests on.

    ``vat_status`` is ``manufacturer`` (免抵退), ``trader`` (免退) or ``small_scale``. The tax
    figures are a typical month, in CNY.
    """

    name: Names
    origin: Country
    city: Names
    vat_status: Literal["manufacturer", "trader", "small_scale"] = "manufacturer"
    export_fob_cny: NotNegative = Decimal(0)
    input_tax_cny: NotNegative = Decimal(0)
    domestic_output_tax_cny: NotNegative = Decimal(0)
    opening_credit_cny: NotNegative = Decimal(0)
    firm_class: Annotated[int, SELDOM, Field(ge=1, le=4)] = 2
    made_up: Annotated[bool, SELDOM] = False

    @property
    def silent_of_month(self) -> bool:
        """Whether a month of exports that its refund rests on (免抵退) is not there; 0 is said."""
        return self.vat_status == "manufacturer" and "export_fob_cny" not in self.model_fields_set


class ArticleFacts(StudySection):
    """What is known of an article whichever file describes it.

    Costs and prices are for one ``unit``. ``cost_cny`` is without value-added tax;
    ``input_vat_cny`` is the input tax that its materials carry. ``refund_rate`` is looked up in
    the rulebook where it is left out. ``market_prices_usd`` has the price where it differs from
    ``price_usd``.
    """

    name: Names
    code: Product
    price_usd: Positive
    market_prices_usd: Annotated[dict[Country, Positive], EachOnce] = {}
    cost_cny: Positive
    input_vat_cny: NotNegative
    levy_rate: Annotated[Share, SELDOM] = Decimal("0.13")
    refund_rate: RefundRate | None = None
    kg: Positive
    m3: Positive
    national_codes: dict[Annotated[str, Typed("importer")], str] = {}
    price_term: Annotated[Incoterm, SELDOM] = "FOB"
    unit: Annotated[Literal["item", "kg"], SELDOM] = "item"
    brand: Annotated[Literal["own", "oem"], SELDOM] = "own"

    @field_validator("input_vat_cny")
    @classmethod
    def _tax_of_the_cost(cls, value: Decimal, info: ValidationInfo) -> Decimal:
        """Input tax is at most the highest rate there ever was on the whole cost."""
        cost = info.data.get("cost_cny")
        if cost is not None and value > cost * HIGHEST_LEVY:
            raise InputError("study.input_tax_above_cost", value=value, cost=cost)
        return value

    @field_validator("refund_rate")
    @classmethod
    def _refund_of_the_levy(cls, value: Decimal | None, info: ValidationInfo) -> Decimal | None:
        if value is not None and value > (levy := info.data.get("levy_rate", value)):
            raise InputError("refund.rate_above_levy", refund_rate=value, levy_rate=levy)
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
    that every other importer has where ``code`` is a heading of four. ``entry_units`` is what
    buyers of a market that is not sold in said they would take in their first year, by market.
    """

    key: Key
    line: Key | None = None
    hours: Positive = Decimal(1)
    ledger: list[str] = []
    minimum_lot: Annotated[NotNegative, SELDOM] = Decimal(0)
    elasticity: Annotated[Elasticity | None, SELDOM] = None
    entry_units: Annotated[dict[Country, Positive], SELDOM, EachOnce] = {}


class Line(StudySection):
    """A production line (产线): what several models share. ``hours`` are those it runs a year."""

    key: Key
    name: Names | None = None
    hours: Positive


class Makes(StudySection):
    """A model that a plant can make beside those whose ``line`` it has, at its own cost.

    ``hours`` are the line hours of one unit there; the model's own where they are left out.
    """

    model: Key
    line: Key
    cost_cny: Positive
    hours: Positive | None = None


class Preference(StudySection):
    """A trade agreement under which a plant's goods may enter a market at another ``duty``.

    It holds where the plant's ``local_content`` is at least ``least_content``: the rule of origin
    (原产地规则). Both are yours to check; the agreements' rules by code are not in the rulebook.
    """

    market: Country
    name: str
    duty: DutyRate
    least_content: Share


class Plant(StudySection):
    """A plant (工厂): its country, lines and what it can make.

    The goods' origin is the plant's country, and duty is paid by that origin. ``local_content`` is
    the share of a unit's FOB value that is made there: it decides whether a ``preference`` holds.
    ``days`` is from the order to the port.
    """

    key: Key
    name: Names | None = None
    country: Country
    days: Days = 0
    local_content: Share | None = None
    made_up: Annotated[bool, SELDOM] = False
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


class LedgerFile(StudySection):
    """The firm's sales: a CSV or XLSX file, and which of its columns is which.

    ``currency`` is that of lines that name none; ``dates`` says which part of 03/05/2024 is the
    day, where the ledger leaves it open: ``day-first`` or ``month-first``; ``period``, of which
    months days without a year are. ``leave_out`` has the models, or codes, that no ``[[model]]`` is
    and that the plan leaves out knowingly. With ``keep_prices`` the ledger's prices hold where it
    shows sales: ``price_usd`` is asked in the other markets, and ``market_prices_usd`` wherever it
    names one.
    """

    file: Path
    sheet: str | None = None
    columns: dict[str, str] = {}
    currency: CurrencyCode | None = None
    dates: Literal["day-first", "month-first"] | None = None
    period: str | None = None
    keep_prices: bool = False
    leave_out: list[str] = []
    bands_usd: Bands | None = None


class Markets(StudySection):
    """Which markets to look at: ``all`` those in the data, or the ones named.

    ``must_keep`` are markets that the plan may not leave: a contract, a certificate, a buyer. They
    get at least what they would get if all went on as today; where a line is full, that is a part.
    """

    consider: Literal["all"] | list[Country] = "all"
    leave_out: list[Country] = []
    must_keep: list[Country] = []
    horizon: Annotated[int, Field(ge=1, le=5)] = 2
    dataset: Annotated[str | None, SELDOM] = None
    edition: Annotated[str | None, SELDOM] = None
    year: Annotated[Annotated[int, Field(ge=1900, le=2100)] | None, SELDOM] = None
    tiers: Annotated[TierMethod, SELDOM] = "split-2007"


def _mode(given: object) -> object:
    return mode_of(given) if isinstance(given, str) else given


class Shipping(StudySection):
    """What a shipment costs on its way, in USD. The user's own figures."""

    _illustrative: frozenset[str] = frozenset()  # keys that the file itself calls so

    shipment_units: Positive
    inland_usd_per_m3: NotNegative
    export_clearance_usd: NotNegative
    freight_usd_per_m3_fixed: NotNegative
    freight_usd_per_m3_1000km: NotNegative
    mode: Annotated[Literal["sea", "air", "rail"], BeforeValidator(_mode)] = "sea"
    insurance_rate: Annotated[Percent, SELDOM, Field(ge=0, le=HIGHEST_PREMIUM)] = Decimal("0.003")
    insured_markup: Annotated[Percent, SELDOM, Field(ge=0, le=HIGHEST_MARKUP)] = Decimal("0.10")

    def mark_illustrative(self, keys: Iterable[str]) -> None:
        """Take these figures for an example's."""
        self._illustrative = frozenset(keys)

    def illustrative_lines(self) -> frozenset[str]:
        """The cost lines that rest on an illustrative figure, or on a default of ours."""
        not_own = self._illustrative | ({"insurance_rate"} - self.model_fields_set)
        return frozenset(line for line in LINES if any(key.startswith(line) for key in not_own))


LINES = ("inland", "export_clearance", "freight", "insurance")
"""Lines of a quote that rest on :class:`Shipping`, whose keys begin with their names."""


class Channel(StudySection):
    """How goods reach the buyer in some markets, or in all that no other channel names.

    ``commission`` is what the firm pays to agents and platforms, a share of FOB sales. ``margin``
    is what importers and shops add on their way to the shelf, a share of the shelf price without
    value-added tax: it joins a shelf price with a landed one.
    """

    name: str = ""
    markets: list[Country] = []
    commission: Share = Decimal(0)
    margin: Annotated[Percent, Field(ge=0, lt=1)] = Decimal(0)


class MarketSums(StudySection):
    """What one market costs, in CNY, part by part. A part left out is as usual."""

    certification_cny: NotNegative | None = None
    listing_cny: NotNegative | None = None
    promotion_cny: NotNegative | None = None
    visits_cny: NotNegative | None = None
    first_stock_cny: NotNegative | None = None


class EnteringSums(MarketSums):
    """What entering one market with a model costs, in CNY, and what a pilot pays of it at once."""

    pilot_cny: NotNegative | None = None


class Entering(EnteringSums):
    """What entering a market with a model costs (进入成本), in CNY; ``market`` has some' own.

    A model that is new where others are sold enters without journeys and promotion; several that
    are new together each pay the whole. A part that is given nowhere has a shipped figure, which
    is illustrative: no statistics of it exist. ``pilot_cny`` is how much of the sum a pilot
    (试点进入) pays before its first year, the rest on going on; where it is left out, that is all
    but listing and promotion.
    """

    market: Annotated[dict[Country, EnteringSums], EachOnce] = {}


class Keeping(MarketSums):
    """What a market costs each year (维持成本), in CNY; ``market`` has some' own.

    The models that are sold there share it by their sales, and it ends with the last of them; one
    that is new there adds its own parts, all but journeys and promotion.
    """

    market: Annotated[dict[Country, MarketSums], EachOnce] = {}


Lowest = Annotated[Amount, Field(gt=0, le=1)]
Highest = Annotated[Amount, Field(ge=1, le=10)]


class Span(StudySection):
    """How far a cost may go: from ``low`` to ``high`` times what the study says (80 of 100)."""

    low: Lowest
    high: Highest


class FreightSpan(Span):
    """How far sea freight may go."""

    low: Lowest = Decimal("0.7")
    high: Highest = Decimal("1.6")


class InputsSpan(Span):
    """How far the cost of inputs may go."""

    low: Lowest = Decimal("0.92")
    high: Highest = Decimal("1.10")


class Ranges(StudySection):
    """How unsure costs are: sea freight, and the inputs that ``cost_cny`` is made of."""

    freight: FreightSpan = FreightSpan()
    inputs: InputsSpan = InputsSpan()


class Asking(StudySection):
    """What it costs to find a figure out, in CNY; nobody but you knows.

    ``test_cny`` is a price test of a model, ``visit_cny`` asking the buyers of a market.
    """

    test_cny: NotNegative | None = None
    visit_cny: NotNegative | None = None


class Announced(StudySection):
    """A duty that is announced and not yet law, on goods of the firm's own country.

    ``rate`` comes on top of the duty of the day from ``year`` on, with your ``probability``.
    """

    market: Country
    year: Annotated[int, Field(ge=2000, le=2100)]
    rate: DutyRate
    probability: Annotated[Percent, Field(gt=0, lt=1)]


class Rates(StudySection):
    """Yearly rates: ``discount`` of a later yuan, ``interest`` on what buyers owe, both a share.

    ``credit_insurance`` is the premium over sales (出口信用保险). ``per_usd`` has exchange rates of
    your own, units for one US dollar: ``TWD = 32.1``. They win over those that are loaded.
    """

    discount: Share = Decimal("0.08")
    interest: Share = Decimal("0.035")
    credit_insurance: Share = Decimal(0)
    per_usd: Annotated[PerUsd, SELDOM] = {}


class Limits(StudySection):
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
    entry_share: Share = Decimal("0.02")
    worst_twentieth_cny: Amount | None = None
    likelier_than: Annotated[Percent, Field(ge=Decimal("0.5"), lt=1)] = Decimal("0.6667")
    entry_budget_cny: NotNegative | None = None
    working_capital_cny: Positive | None = None
    largest_growth: Positive = Decimal("3")
    caution: Share = Decimal("0.25")
    return_after: Annotated[int, Field(ge=0, le=10)] = 2


class StressFacts(StudySection):
    """Shocks that the plan is put under by ``offing run``: each alone, then all together.

    ``shocks`` are names of the library (``offing run`` lists them where one is not known) or shock
    files, relative to the study. ``reverse`` asks what would have to be true: the smallest size of
    each shock at which the plan, kept, earns no more than ``floor_cny`` a year. ``draws`` are those
    of elasticities.
    """

    shocks: Annotated[list[ShockName], Field(min_length=1)]
    reverse: bool = True
    floor_cny: Amount = Decimal(0)
    draws: Annotated[int, SELDOM, Field(ge=20, le=5000)] = 200


class Payable(StudySection):
    """What the firm pays in another currency each year, such as for panels: it offsets sales."""

    name: str = ""
    currency: CurrencyCode
    amount_a_year: Positive
    days: Days = 30


class Held(StudySection):
    """A forward that the firm holds already (已签远期): it counts before anything more is hedged.

    ``rate`` is the agreed CNY for one unit; ``until`` the day of delivery. ``side`` is ``sell``
    for receipts that are sold ahead, ``buy`` for outlays that are bought.
    """

    currency: CurrencyCode
    amount: Positive
    rate: Positive
    until: date
    side: Literal["sell", "buy"] = "sell"


class SettlementFacts(StudySection):
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
    buyer_limits_cny: dict[str, NotNegative] = {}
    risk: Share = Decimal("0.02")
    cny_discount: Annotated[Share, SELDOM] = Decimal(0)
    volatility: Annotated[dict[CurrencyCode, Share], SELDOM] = {}
    payable: list[Payable] = []
    held: list[Held] = []


def message_of(path: tuple[str, ...]) -> str:
    """The message of a key's or a table's words."""
    names = ["key." + "_".join(path[first:]) for first in range(len(path))]
    return next(filter(has_message, names), names[-1])


def words_of(path: tuple[str, ...]) -> tuple[str, str]:
    """What a key or a table is called, and its help."""
    label, _, about = say(message_of(path)).partition("\n")
    return label, about
