"""The markets in a study file: which to look at, what it costs to be there, what the plan keeps."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from offing.landed.shipment import HIGHEST_MARKUP, HIGHEST_PREMIUM
from offing.study.section import (
    Country,
    CurrencyCode,
    Days,
    DutyRate,
    EachOnce,
    Margin,
    NotNegative,
    PaymentTerm,
    Positive,
    Section,
    Share,
    TierMethod,
)
from offing.terms.incoterms import mode_of


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


class Entering(MarketSums):
    """What it costs once to enter a market (进入成本), in CNY; ``market`` has single markets' own.

    A part that is given nowhere has a shipped figure, which is illustrative: no statistics of it
    exist. The report shows the parts and their sum.
    """

    market: Annotated[dict[Country, MarketSums], EachOnce] = {}


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
