"""The result of a study: everything a report says, and nothing it must compute again."""

from dataclasses import dataclass
from datetime import date

from offing.costing.shape import Quote, RuleUse
from offing.ladder.shape import BandRow, Ladder, Place
from offing.market.shape import Backtest, Outlook, Ranking
from offing.plan.shape import Plan
from offing.policy.shape import Comparison


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
        return self.name_zh if lang == "zh" else self.name_en

    def city(self, lang: str) -> str:
        """The city in a language."""
        return self.city_zh if lang == "zh" else self.city_en


@dataclass(frozen=True)
class BookYear:
    """The firm's sales of one product in one year by price band."""

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
    """

    market: str
    km: float | None
    groups: tuple[str, ...]
    ladder: Ladder | None
    place: Place | None
    quote: Quote | None
    quote_missing: str | None
    outlook: Outlook | None = None
    refund_usd: float = 0.0
    refund_rule: RuleUse | None = None


@dataclass(frozen=True)
class ProductResult:
    """All that is said of one product; ``markets`` in the order of the plan, then the ranking."""

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

    def name(self, lang: str) -> str:
        """The name in a language."""
        return self.name_zh if lang == "zh" else self.name_en


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
class StudyResult:
    """The result of ``offing run``: also the schema of ``result.json``.

    ``warnings`` are message keys with their values. ``what_if`` is there where the study has a
    ``[reform]``: the same plan under it.
    """

    schema_version: str
    title_en: str
    title_zh: str
    on: date
    firm: Firm
    products: tuple[ProductResult, ...]
    plan: Plan
    sources: tuple[SourceUse, ...]
    rules: tuple[RuleUse, ...]
    warnings: tuple[tuple[str, dict[str, str]], ...]
    what_if: Comparison | None = None

    def title(self, lang: str) -> str:
        """The title in a language."""
        return self.title_zh if lang == "zh" else self.title_en
