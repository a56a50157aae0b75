"""The result of a study: everything a report says, and nothing it must compute again."""

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from offing.forecast.results import Backtest, Outlook, Ranking
from offing.ladders.ladder import BandRow, Ladder, PricePlace
from offing.landed.shipment import Quote
from offing.planning.plan import Plan, PlanDecision
from offing.planning.risk import RiskFigures
from offing.planning.track_record import EarlierPlan
from offing.policy.comparison import Comparison, Stress
from offing.policy.in_force import LegalChange
from offing.rules.rule_use import RuleUse
from offing.settlement.portfolio import Netting
from offing.terms.caution import Caution


@dataclass(frozen=True)
class Firm:
    """Who the study is for. ``made_up`` marks facts that are not a real firm's."""

    name_en: str
    name_zh: str
    origin: str
    city_en: str
    city_zh: str
    made_up: bool

    def name(self, lang: str) -> str:
        """The name in a language."""
        return {"en": self.name_en, "zh": self.name_zh}[lang]

    def city(self, lang: str) -> str:
        """The city in a language."""
        return {"en": self.city_en, "zh": self.city_zh}[lang]


@dataclass(frozen=True)
class BookYear:
    """The firm's sales of one model (by its key) in one year by price band."""

    product: str
    year: int
    bands: tuple[BandRow, ...]
    sales_usd: float
    units: float


@dataclass(frozen=True)
class MarketResult:
    """All that is said of one product in one market.

    Attributes:
        market: alpha-3.
        km: distance from the origin; ``None`` where unknown.
        groups: groups the market is in on the study's day, such as ``rcep``.
        ladder: its ladder; ``None`` where there are no usable unit values.
        place: where our price stands on it.
        quote: one shipment costed; ``None`` where the rulebook has no regime for the market.
        quote_missing: message key that says why there is no quote.
        outlook: for all sales of the origin there, at all prices: what the plan rests on.
        refund_usd: what comes back by the export refund for one unit.
        refund_rule: of the refund; ``None`` where the study gives its own rate.
        refund_why: message key that says what the refund is limited by.
    """

    market: str
    km: float | None
    groups: tuple[str, ...]
    ladder: Ladder | None
    place: PricePlace | None
    quote: Quote | None
    quote_missing: str | None
    outlook: Outlook | None = None
    refund_usd: float = 0.0
    refund_rule: RuleUse | None = None
    refund_why: str = ""


@dataclass(frozen=True)
class ProductResult:
    """All that is said of one model; ``markets`` in the order of the plan, then the ranking.

    Attributes:
        product: the model, by its key.
        code: its HS code; several models may share one.
        capacity: units a year, if the whole of its line made nothing else.
    """

    product: str
    name_en: str
    name_zh: str
    unit: str
    price_usd: float
    capacity: float
    ranking: Ranking
    markets: tuple[MarketResult, ...]
    backtest: Backtest
    book: tuple[BookYear, ...]
    code: str = ""

    def name(self, lang: str) -> str:
        """The name in a language."""
        return {"en": self.name_en, "zh": self.name_zh}[lang]


@dataclass(frozen=True)
class LineResult:
    """A production line: its key, its plant and that one's country, and its hours a year."""

    key: str
    plant: str
    country: str
    name_en: str
    name_zh: str
    hours: float

    def name(self, lang: str) -> str:
        """The name in a language."""
        return {"en": self.name_en, "zh": self.name_zh}[lang]


@dataclass(frozen=True)
class SourceUse:
    """A data set that the study used.

    ``title``, ``publisher`` and ``licence`` are message keys; ``covers`` is its years or days,
    ``loaded`` the day it was loaded.
    """

    dataset: str
    title: str
    publisher: str
    licence: str
    covers: str
    loaded: date
    sha256: str
    rows: int
    quarantined: int


@dataclass(frozen=True)
class SettledMarket:
    """How the planned sales to a market are settled.

    Attributes:
        market: alpha-3; empty for a payable.
        name: of a payable.
        sales_usd: planned yearly sales; negative for what is paid.
        currency: of the invoice.
        natural: share that the other side offsets.
        hedge_ratio: share that is hedged; ``None`` where nothing is known to hedge with.
        instrument: ``forward`` or ``ndf``; ``None`` for CNY and where no interest is known.
        cost_rate: lost on the way from the middle rate, share of the amount.
    """

    market: str
    name: str
    sales_usd: float
    currency: str
    natural: float
    hedge_ratio: float | None
    instrument: str | None
    cost_rate: float


@dataclass(frozen=True)
class Points:
    """The interest of a currency and what its forwards are sure to bring.

    Attributes:
        currency: of the interest.
        interest: a year, a share.
        known_on: the last day on which a document had it in force; ``None`` for the user's own.
        age: days from then to the study's day.
        source: of the interest.
        points: days of a forward sale, and what it brings over the rate of the day less its own
            spreads, a share: negative where the currency's interest is above that of CNY.
    """

    currency: str
    interest: float
    known_on: date | None
    age: int | None
    source: str
    points: tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class SettledPlan:
    """The plan as a book of average receivables: a year's sales × days ÷ 360.

    Attributes:
        days: until buyers pay.
        terms: of payment.
        lines: each market, then what is paid.
        nettings: each currency: what offsets, what is hedged, what stays open.
        worth: currency → CNY for one unit.
        receivables_cny: what buyers owe on average, at the middle rates.
        expected_cny: what comes in, less what is paid.
        low_cny: at the 95 % limit of them together.
        low_added_cny: their own limits added up.
        cost_rate: lost on the way from the middle rates, share of the receivables.
        risk: the limit that was asked for.
        within: whether it is kept.
        missing: currencies that could not be compared for want of a rate.
        points: interest and forwards of each currency.
        rules: every figure and fact behind it.
    """

    days: int
    terms: str
    lines: tuple[SettledMarket, ...]
    nettings: tuple[Netting, ...]
    worth: tuple[tuple[str, float], ...]
    receivables_cny: float
    expected_cny: float
    low_cny: float
    low_added_cny: float
    cost_rate: float
    risk: float
    within: bool
    missing: tuple[str, ...]
    points: tuple[Points, ...]
    rules: tuple[RuleUse, ...]


@dataclass(frozen=True)
class StudyResult:
    """The result of ``offing run``: also the schema of ``result.json``.

    ``warnings`` are message keys with their values. ``earlier_plans`` is empty where the data or
    the ledger are too short; ``before_ledger`` has the years without one, since the ledger does not
    reach twelve months before their end.
    ``what_if`` is there where the study has a ``[reform]``: the same plan under it; ``settlement``
    where it has a ``[settlement]``; ``risk`` where anything is sold or planned, ``stress`` where it
    has a ``[stress]``; ``calendar`` is what is fixed in law after its day.
    """

    schema_version: str
    title_en: str
    title_zh: str
    on: date
    firm: Firm
    products: tuple[ProductResult, ...]
    plan: Plan
    decided: PlanDecision
    sources: tuple[SourceUse, ...]
    rules: tuple[RuleUse, ...]
    warnings: tuple[Caution, ...]
    earlier_plans: tuple[EarlierPlan, ...] = ()
    before_ledger: tuple[int, ...] = ()
    what_if: Comparison | None = None
    settlement: SettledPlan | None = None
    lines: tuple[LineResult, ...] = ()
    risk: RiskFigures | None = None
    stress: Stress | None = None
    calendar: tuple[LegalChange, ...] = ()

    def line_name(self, key: str, lang: str) -> str:
        """The name of a line in a language; its key where it has none."""
        return next((line.name(lang) for line in self.lines if line.key == key), key)

    def title(self, lang: str) -> str:
        """The title in a language."""
        return {"en": self.title_en, "zh": self.title_zh}[lang]


@cache
def _adapter() -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(StudyResult)


def as_json(result: StudyResult) -> str:
    """The result as JSON: amounts of money as text, days as ISO dates, two-space indent."""
    return str(_adapter().dump_json(result, indent=2).decode()) + "\n"


def from_json(text: str) -> StudyResult:
    """A result read back from its JSON."""
    result: StudyResult = _adapter().validate_json(text)
    return result


def schema() -> str:
    """The JSON schema of ``result.json``."""
    return (
        json.dumps(_adapter().json_schema(mode="serialization"), indent=2, ensure_ascii=False)
        + "\n"
    )
