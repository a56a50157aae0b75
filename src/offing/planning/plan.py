"""What a plan is made of, as a study's result keeps it: plain figures, no arrays."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from math import fsum

from offing.planning.moves import Pilot
from offing.planning.track_record import LevelRecord
from offing.terms.caution import Caution
from offing.terms.money import Missing

SMALL_MOVE = 0.02
"""A move that brings less than this part of the plan's gain is shown with others of its size."""


SUPPOSED = "planning.rests_entry_user"
"""What a move rests on whose size is an assumption."""
NO_SALES = ("planning.assumed_no_sales", "planning.assumed_no_sales_own")
"""Said where no sales of the firm are known: with offing's ``entry_share``, or the study's own."""


@dataclass(frozen=True)
class PlanRow:
    """What the plan gives to one model in one market; every one that sells today has a row.

    Attributes:
        product: key of the model.
        market: alpha-3.
        tier: the price tier in which the price asked stands.
        sales_now_usd: the firm's sales there in the last twelve months of its ledger, FOB.
        sales_usd: planned sales in the last year of the horizon, the mean of the scenarios.
        units: planned units of that year.
        price_usd: FOB price of a unit at the rates of the day: where it sells, that of its invoices
            in their own currency.
        margin_usd: what is left of that year's sales after refund and all costs of the offer, and
            after the yearly cost of keeping the market.
        margin_rate: margin over sales.
        low_usd: sales at the lower end of their 80 % interval.
        high_usd: at the upper end.
        move: ``keep``; ``asked`` where it goes on at a price that the study asks; or the kind of
            :class:`offing.planning.moves.Move`; ``none`` where nothing is sold and nothing planned.
        plant: where it is made.
        currency: of the invoice.
        usual_share: the share of the country's exports that the firm's several years there tell,
            over that of its last twelve months; ``None`` where it sells nothing today.
        usual_price: likewise of its price there, beside its other markets.
        still_usd: sales in the last year of the horizon if nothing is done, the mean of the
            scenarios; 0 where nothing is sold today.
        short_usd: what more would be sold if nothing is done, had the lines the hours for it.
        keep_usd: the yearly cost of keeping the market, which ``margin_usd`` is after.
    """

    product: str
    market: str
    tier: str
    sales_now_usd: float
    sales_usd: float
    units: float
    price_usd: float
    margin_usd: float
    margin_rate: float
    low_usd: float | None
    high_usd: float | None
    move: str
    plant: str = ""
    currency: str = "USD"
    usual_share: float | None = None
    usual_price: float | None = None
    still_usd: float = 0.0
    short_usd: float = 0.0
    keep_usd: float = 0.0

    @property
    def price_drift(self) -> float:
        """The usual price there over today's; 1 where nothing is sold today."""
        return self.usual_price or 1.0

    @property
    def rest_drift(self) -> float:
        """Sales over units × price × its drift; 1 where nothing is sold.

        What the worlds' exchange rates are on average over today's, and how units, prices and rates
        fall together in the draws.
        """
        whole = self.units * self.price_usd * self.price_drift
        return self.sales_usd / whole if whole else 1.0


@dataclass(frozen=True)
class Plan:
    """The plan's rows, those with most planned sales first.

    ``capacity_used`` is by line, the share of its hours in the last year of the horizon, 0 to 1;
    ``concentration`` is the Herfindahl-Hirschman index over markets, of the plan and of today.
    ``low_usd`` and ``high_usd`` are the 80 % interval of all planned sales together.
    ``computed_usd`` is what planned sales were before the firm's record lowered or raised them;
    ``None`` where none does.
    ``missing`` says in which segments the landed cost is not known, so that no other plant and no
    change of a duty could be looked at; ``outside`` has the firm's sales that no row has, by
    market, those of no model of the plan without one. ``known_share`` is the share of all the
    firm's sales for which the plan's answer holds, ``None`` where nothing is sold or planned.
    """

    rows: tuple[PlanRow, ...]
    sales_usd: float
    sales_now_usd: float
    margin_usd: float
    capacity_used: tuple[tuple[str, float], ...]
    concentration: float
    concentration_now: float
    low_usd: float | None = None
    high_usd: float | None = None
    missing: tuple[Missing, ...] = ()
    outside: tuple[tuple[str, float], ...] = ()
    known_share: float | None = None
    computed_usd: float | None = None

    @property
    def fullest(self) -> float:
        """The share of its hours that the fullest line uses."""
        return max((used for _, used in self.capacity_used), default=0.0)

    @property
    def still_usd(self) -> float:
        """All sales in the last year of the horizon if nothing is done."""
        return fsum(row.still_usd for row in self.rows)


@dataclass(frozen=True)
class Lead:
    """What must come before a new model is sold in a market (准入要求): the slowest gate.

    Attributes:
        weeks: from the plan's day until it is met, at most; 0 where none is known.
        checked: whether somebody thought the market through for these goods; where not, there may
            be others.
        scheme_en, scheme_zh: its name.
        status: how the row is known, as that of a rule.
        others: further gates that are met meanwhile.
        ready_on: first day of sale.
    """

    weeks: int
    checked: bool
    scheme_en: str = ""
    scheme_zh: str = ""
    status: str = ""
    others: int = 0
    ready_on: date | None = None


@dataclass(frozen=True)
class MoveTerms:
    """A move in its own terms, of a unit at the rates of the day; ``None`` is not known, or no such
    offer.

    Attributes:
        duty_before: on CIF, today.
        duty_after: on CIF, then.
        landed_before_usd: what the buyer pays, duty included, today.
        landed_after_usd: what the buyer pays then.
        duty_saved_usd: less duty than today; negative where it is more.
        line: that is used today, else the new one.
        hours_freed: of it, a year on average; negative where it takes more.
        break_even: of ``other_plant`` the least gap of duties, before less after, at which it still
            pays; of ``dearer`` the price elasticity below which, of ``cheaper`` above which it
            pays; of ``enter`` the units over the horizon that earn its costs.
    """

    duty_before: float | None
    duty_after: float | None
    landed_before_usd: float | None
    landed_after_usd: float | None
    duty_saved_usd: float | None
    line: str
    hours_freed: float
    break_even: float | None


@dataclass(frozen=True)
class MoveSummary:
    """A step away from today, see :class:`offing.planning.moves.Move`; amounts over the horizon,
    discounted, in CNY.

    Attributes:
        kind: of the move; ``kinds`` all that change.
        product: key of the model.
        market: alpha-3.
        price_before_usd: FOB price today; ``None`` where it is not sold.
        price_after_usd: as planned; ``None`` where it is left.
        plant: where it is then made.
        currency: of the invoice then.
        plant_before: where it is made today; empty where it is not sold.
        currency_before: of today's invoice; empty where it is not sold.
        brand: ``own`` or ``oem``, then.
        units_before: by year, if nothing is done.
        units_after: by year, as planned.
        sales_before_usd: by year.
        sales_after_usd: by year.
        gain_cny: value of the plan less that of the plan recomputed without the move.
        alone_cny: what it brings as the only change.
        mean_cny: its mean over the scenarios.
        chance: how often the plan with it earns more than the one without.
        low_cny: its 5 % quantile.
        worst_cny: its average in the worst twentieth.
        entry_cny: paid once.
        payback_years: median of the scenarios in which it comes back; ``None`` where nothing is
            paid.
        payback_chance: their share.
        matched_cny: its mean where rivals follow a price half; ``None`` where no price moves.
        reason: message key of why it is not made yet; empty for a move of the plan.
        rests_on: message keys of what it rests on: ``planning.rests_user``, ``…_literature`` …
        lead: of an entry, what must come first; ``None`` of other moves.
        own_cny: what the offer itself earns more than the one before it, on average, each after its
            part of what the market costs a year.
        least_units: of an entry, how many it must sell over the horizon to earn its costs; ``None``
            where one sold earns nothing.
        pilot: of an entry, it as a pilot; ``None`` where none is worth anything, or its size is an
            assumption.
        terms: the move in its own terms.
    """

    kind: str
    kinds: tuple[str, ...]
    product: str
    market: str
    price_before_usd: float | None
    price_after_usd: float | None
    plant: str
    currency: str
    units_before: tuple[float, ...]
    units_after: tuple[float, ...]
    sales_before_usd: tuple[float, ...]
    sales_after_usd: tuple[float, ...]
    gain_cny: float | None
    alone_cny: float | None
    mean_cny: float | None
    chance: float | None
    low_cny: float | None
    worst_cny: float | None
    entry_cny: float
    payback_years: float | None
    payback_chance: float | None
    matched_cny: float | None = None
    reason: str = ""
    rests_on: tuple[str, ...] = ()
    plant_before: str = ""
    currency_before: str = ""
    brand: str = "own"
    lead: Lead | None = None
    own_cny: float | None = None
    least_units: float | None = None
    pilot: Pilot | None = None
    terms: MoveTerms | None = None

    @property
    def supposed(self) -> bool:
        """Whether its size is the study's ``entry_share``: then how likely it is, nobody knows."""
        return SUPPOSED in self.rests_on

    @property
    def replaceable(self) -> bool:
        """Whether others could take its place, so that its gain is below what even a bad scenario
        brings: then its mean, without any put in its place, is told.
        """
        gain, low = self.gain_cny, self.low_cny
        return gain is not None and low is not None and 0.0 <= gain < low


@dataclass(frozen=True)
class OpenFigure:
    """A figure that is not known, and what knowing it would gain.

    Attributes:
        kind: ``elasticity``, ``entry``, ``inputs`` or ``freight``.
        product: key of the model; empty of costs.
        market: alpha-3 of an entry; empty of others.
        value_cny: over the horizon, discounted; what finding it out may cost at most.
        turns: share of its values at which another decision would be made.
        low, middle, high: 10, 50 and 90 % quantiles of what it may be: yearly units of an entry, a
            factor on cost, the elasticity; the middle of that is its mean, as in ``offing price``.
        source: of what it may be: ``literature``, ``ledger``, ``entries`` of the ledger, ``shares``
            where it sells, ``user`` or ``shipped``.
        cost_cny: what the study says that finding it out costs; ``None`` where it says nothing.
    """

    kind: str
    product: str
    market: str
    value_cny: float
    turns: float
    low: float
    middle: float
    high: float
    source: str = ""
    cost_cny: float | None = None

    @property
    def net_cny(self) -> float:
        """Its value less what it is said to cost."""
        return self.value_cny - (self.cost_cny or 0.0)


@dataclass(frozen=True)
class MoneyMove:
    """A hedge or another invoice currency.

    Attributes:
        kind: ``hedge`` or ``invoice``.
        currency: that is hedged, or of the invoice then.
        currency_before: of the invoice today; empty for a hedge.
        market: of an invoice; empty for a hedge.
        days: until a hedge is delivered.
        ahead: whether expected receipts are sold now, and not each invoice when it is written.
        instrument: ``forward`` or ``ndf``; empty for an invoice.
        share: of the first year's receipts that nothing else offsets or holds.
        amount: in ``currency``, of the first year.
        mean_cny: what it adds to the mean profit, discounted; negative where it costs.
        worst_cny: what it adds to the average of the worst twentieth.
        loss: how far the receivables' 95 % limit lies below what is expected, a share of them.
        loss_without: likewise without it.
        points: of a hedge, what it is sure to bring over the rate of the day, a share.
        turns: where it turns around: of a hedge ahead, the rate in CNY above which it costs; of an
            invoice, the discount that buyers would have to ask; ``None`` of a hedge by invoice.
        delivered: the day to which ``turns`` of a hedge belongs.
    """

    kind: str
    currency: str
    currency_before: str
    market: str
    days: int
    ahead: bool
    instrument: str
    share: float
    amount: float
    mean_cny: float
    worst_cny: float
    loss: float
    loss_without: float
    points: float = 0.0
    turns: float | None = None
    delivered: date | None = None


@dataclass(frozen=True)
class MoneyGain:
    """What all hedges and other invoice currencies together bring, see :class:`MoneyMove`."""

    mean_cny: float
    worst_cny: float
    loss: float
    loss_without: float


@dataclass(frozen=True)
class ProfitDistribution:
    """Profit over the horizon, discounted, in CNY.

    Attributes:
        mean: over the scenarios.
        low: its 5 % quantile: the worst of twenty.
        worst: the average of the worst twentieth (预期损失 with its sign turned).
        by_year: mean, what is paid on the plan's day first.
    """

    mean: float
    low: float
    worst: float
    by_year: tuple[float, ...]


@dataclass(frozen=True)
class AskedPrice:
    """A price of the study that the ledger does not show: a change of the person's, not the plan's.

    Attributes:
        product: key of the model.
        market: alpha-3.
        ledger_usd: FOB price of the last twelve months.
        asked_usd: FOB price that the plan reckons with.
        times: units at the one over units at the other, by the elasticity itself.
        source: of that elasticity.
    """

    product: str
    market: str
    ledger_usd: float
    asked_usd: float
    times: float
    source: str


@dataclass(frozen=True)
class UnclaimedPreference:
    """An agreement under which today's sales would pay less duty (未利用的优惠协定).

    Attributes:
        product: key of the model.
        market: alpha-3.
        regime: of the loaded tariff; empty where no schedule of an agreement is loaded.
        names: the agreements that hold, by language, where none is loaded.
        duty: the general duty, over its base.
        duty_claimed: the agreement's; ``None`` where it is not known.
        saved_usd: what the buyers of a year's sales save; at most, where it is not known.
    """

    product: str
    market: str
    regime: str
    names: Mapping[str, str]
    duty: float
    duty_claimed: float | None
    saved_usd: float


@dataclass(frozen=True)
class RefundCorrection:
    """A model whose refund rate the study has otherwise than the law (退税率与规定不符).

    Attributes:
        product: key of the model.
        given: the study's.
        by_law: that of its code on the day; ``None`` where the refund was cancelled.
        yearly_cny: what a year of today's sales earns more by the law's rate.
    """

    product: str
    given: float
    by_law: float | None
    yearly_cny: float


@dataclass(frozen=True)
class PlanDecision:
    """The decision: moves away from today, what they bring, how sure that is.

    Attributes:
        years: of the horizon, twelve months each from the plan's day.
        scenarios: how many worlds it was made in.
        threshold: the chance that a move must have.
        moves: by gain; none means: stay.
        not_yet: moves that were looked at and are not made, with the reason.
        today: profit if nothing is done.
        plan: profit of the plan.
        chance_better: how often the plan earns more than today's way; ``None`` without a move.
        gain_cny: mean of the difference.
        gain_low_cny: its 5 % quantile.
        cny_per_usd: the rate of the day.
        rates: currency of an invoice → CNY for one on the day.
        small_cny: what the small moves bring together, all others as planned; see :attr:`small`.
        money: hedges and other invoice currencies, the largest first; they are in ``plan``.
        money_gain: what they bring together; ``None`` without any.
        chance_without_money: ``chance_better`` without them.
        not_hedged: message key and values of what is not proposed about currencies.
        open_figures: what to find out first, the most valuable first.
        preferences: that today's sales could claim, the largest saving first.
        refund_corrections: rates that the study has otherwise than the law.
        gap: of the value that the solver left open, a share.
        asked: where the study asks another price than the ledger shows.
        assumed: message key and values of what a reader must know first.
        pilots: model and market of the most valuable pilots that the entry budget pays for, those
            of most worth first; each is in ``moves`` or ``not_yet``.
        level: what the record of such plans makes of sales and profits without and with moves:
            ``today`` and ``plan`` have it, gains and single moves are as computed; ``None`` without
            a record.
        computed: ``plan`` before it; ``None`` where ``level`` is.
        short_year: first day and months of a ledger that has no twelve months.
        keeping_cny: what today's markets cost to keep in the last year.
    """

    years: tuple[int, ...]
    scenarios: int
    threshold: float
    moves: tuple[MoveSummary, ...]
    not_yet: tuple[MoveSummary, ...]
    today: ProfitDistribution
    plan: ProfitDistribution
    chance_better: float | None
    gain_cny: float
    gain_low_cny: float
    cny_per_usd: float
    gap: float
    asked: tuple[AskedPrice, ...] = ()
    assumed: tuple[Caution, ...] = ()
    rates: tuple[tuple[str, float], ...] = ()
    small_cny: float = 0.0
    money: tuple[MoneyMove, ...] = ()
    money_gain: MoneyGain | None = None
    chance_without_money: float | None = None
    not_hedged: tuple[Caution, ...] = ()
    pilots: tuple[tuple[str, str], ...] = ()
    open_figures: tuple[OpenFigure, ...] = ()
    preferences: tuple[UnclaimedPreference, ...] = ()
    refund_corrections: tuple[RefundCorrection, ...] = ()
    level: LevelRecord | None = None
    computed: ProfitDistribution | None = None
    short_year: tuple[date, int] | None = None
    keeping_cny: float = 0.0

    @property
    def without_sales(self) -> bool:
        """Whether no sales of the firm are known; chances and intervals are then not given."""
        return any(one.key in NO_SALES for one in self.assumed)

    @property
    def factor(self) -> float:
        """What is sold over what was computed."""
        return 1.0 if self.level is None else self.level.factor

    @property
    def small(self) -> tuple[MoveSummary, ...]:
        """Moves of less than :data:`SMALL_MOVE` of the plan's gain, but never the largest; one
        alone is shown like the others, and so are those that are small only because others could
        take their place: together they bring more than so many small moves can.
        """
        least = SMALL_MOVE * self.gain_cny
        found = tuple(m for m in self.moves[1:] if m.gain_cny is not None and m.gain_cny < least)
        return found if len(found) > 1 and self.small_cny <= least * len(found) else ()

    @property
    def weighty(self) -> tuple[MoveSummary, ...]:
        """The moves that are shown one by one."""
        small = self.small
        return tuple(move for move in self.moves if move not in small)

    def cny_per(self, currency: str) -> float:
        """CNY for one of a currency on the day."""
        return {"CNY": 1.0, "USD": self.cny_per_usd, **dict(self.rates)}[currency]
