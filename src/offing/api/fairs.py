"""Which fairs to support with how many places under a budget (展会支持方案)."""

from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal
from functools import partial
from itertools import product
from math import fsum
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import polars as pl

from offing.api.asking import (
    Answer,
    Asked,
    Country,
    DatasetName,
    FirmLedgerRequest,
    TableIn,
    open_warehouse,
    question,
    rows_aside,
)
from offing.api.given import Horizon
from offing.api.markets import day_asked
from offing.api.province import ProvinceRequest, Ready, made_ready
from offing.api.typed import Amount, money
from offing.forecast.outlook.forecast import target_year
from offing.planning.fairs import (
    DIGITS,
    DrawnFirm,
    Effect,
    Effects,
    FairOffer,
    Segment,
    Support,
    brought,
    choose,
    effects,
    fair_draw,
    last_editions,
    segments_of,
)
from offing.sources.fairs import read_fair_firms, read_fairs
from offing.terms.background import tell
from offing.terms.caution import Caution
from offing.terms.countries import country_name
from offing.terms.errors import InputError, OffingError, Where, must_be_within
from offing.terms.exchange import FxTable
from offing.terms.firm_records import Fair, FairFirm, Records
from offing.terms.hs import ended_codes
from offing.terms.messages import join_list, say
from offing.terms.plain import values_of
from offing.warehouse.exchange_rates import fx_of

NAMED = 8
"""Segments that a caution names."""


Room = Mapping[Segment, tuple[float, int]]
"""Segment → the added exports that it has room for (CNY), and the year up to which they count."""

BUDGETS = (0.5, 1.0, 1.5, 2.0)
"""Budgets that are told beside each other, of the one given."""


@dataclass(frozen=True)
class FairsRequest(FirmLedgerRequest):
    """Which fairs shall an office support, with how many places, under a budget?

    Attributes:
        fairs: its catalogue: fair, markets, HS codes, places, subsidy a place, what the last
            edition brought.
        budget: such as ``CNY 5m`` or ``500万``.
        exports: the province's exports, as :func:`offing.province` reads them: they say how much
            growth a segment has room for.
        horizon: years ahead of the day that growth counts as room, for all fairs; up to the year
            after each where left out.
        firms: those that may be sent: name, HS codes, size class, fairs they ask for.
        draw: a seed, published before: lots are drawn where more may be sent than are supported.
    """

    fairs: Annotated[Path | str, Asked("fairs.help_fairs")]
    budget: Annotated[Amount, Asked("fairs.help_budget")] = None
    exports: Annotated[TableIn, Asked("fairs.help_exports")] = None
    firms: Annotated[Path | str | None, Asked("fairs.help_firms")] = None
    province: Annotated[str | None, Asked("province.help_province")] = None
    origin: Annotated[Country | None, Asked("province.help_origin")] = None
    draw: Annotated[str | None, Asked("fairs.help_draw")] = None
    horizon: Annotated[Horizon | None, Asked("fairs.help_horizon")] = None
    cumulated: Annotated[bool | None, Asked("load.help_cumulated")] = None
    on: Annotated[date | None, Asked("market.help_outlook_on")] = None
    dataset: DatasetName = None


@dataclass(frozen=True)
class FairLine:
    """A fair of the catalogue in the programme; money in CNY.

    Attributes:
        fair: its name.
        markets: alpha-3.
        products: HS codes.
        on: its day.
        offered: places that may be supported; with a list of firms no more than may be sent.
        eligible: firms that may be sent; ``None`` without a list.
        places: supported.
        cost: of these and of the fair.
        firms: sent to the last edition that is told; ``None`` where none is.
        intent: spoken of then, a firm.
        contract: signed, a firm.
        recorded: exported and recorded, a firm.
        effect: expected of a place; ``None`` where no effect is known.
        low80: end of its 80 % interval.
        high80: the other end.
        own: weight of the fair's own editions in it.
        source: of a local estimate.
        brings: expected of its places, after crowding.
        room: added exports that its segments have room for; ``None`` where not known.
        room_year: the last year up to which they count.
        place_cny: what the office pays a place.
        last_places: supported last year; ``None`` where it is not told.
        last_cost: of these, where it is told.
    """

    fair: str
    markets: tuple[str, ...]
    products: tuple[str, ...]
    on: date | None
    offered: int
    eligible: int | None
    places: int
    cost: float
    firms: int | None
    intent: float | None
    contract: float | None
    recorded: float | None
    effect: float | None
    low80: float | None
    high80: float | None
    own: float | None
    source: str
    brings: float
    room: float | None
    room_year: int | None
    place_cny: float
    last_places: int | None = None
    last_cost: float | None = None


@dataclass(frozen=True)
class SizeShare:
    """What a size class gets if lots are drawn: firms on the list, those that may be sent to a
    supported fair, places and their cost (CNY) that are expected.
    """

    size: str
    firms: int
    eligible: int
    places: float
    cost: float


@dataclass(frozen=True)
class FairsAnswer(Answer):
    """A programme of fairs; money in CNY.

    Attributes:
        budget: given.
        lines: the catalogue: supported fairs first, the one that brings most a yuan first; then
            those left out; then those without a known effect, by room.
        cost: of the programme.
        brings: recorded export expected of it, after crowding.
        low80: end of its 80 % interval, editions' luck included; ``None`` where no fair has one.
        high80: the other end.
        next_yuan: what one more yuan of budget brings.
        budgets: budget → what it brings.
        crowded: (heading, market, room, the year up to which it counts) of segments that the
            programme fills.
        ended: fairs that had places last year and are not on offer: name, places, what they cost.
        sizes: by size class; none without a list of firms.
        mean_effect: the catalogue's, a place; ``None`` where too few editions are told.
        editions: with recorded exports, behind it.
        quarantined: rows of the catalogue and of the firms that cannot be used.
        exports_aside: (reason as a message key, lines, first row) of the exports.
        draws: winners and losers of every draw; none without a seed.
        seed: of the draws.
    """

    budget: float
    lines: tuple[FairLine, ...]
    cost: float
    brings: float
    low80: float | None
    high80: float | None
    next_yuan: float
    budgets: tuple[tuple[float, float], ...]
    crowded: tuple[tuple[str, str, float, int], ...]
    ended: tuple[tuple[str, int, float | None], ...]
    sizes: tuple[SizeShare, ...]
    mean_effect: float | None
    editions: int
    quarantined: tuple[OffingError, ...]
    exports_aside: tuple[tuple[str, int, int], ...]
    draws: tuple[DrawnFirm, ...]
    seed: str | None

    @property
    def told_last_year(self) -> bool:
        """Whether the catalogue says what was supported last year."""
        return bool(self.ended) or any(line.last_places is not None for line in self.lines)

    @property
    def supported_fairs(self) -> tuple[FairLine, ...]:
        """Fairs with places."""
        return tuple(line for line in self.lines if line.places)

    @property
    def left_out(self) -> tuple[FairLine, ...]:
        """Fairs with a known effect and no place."""
        return tuple(x for x in self.lines if x.effect is not None and not x.places)

    @property
    def unknown(self) -> tuple[FairLine, ...]:
        """Fairs without a known effect, that with most room first."""
        return tuple(line for line in self.lines if line.effect is None)

    @property
    def table(self) -> Any:
        """One row a fair; of a draw one a firm, as :func:`offing.evidence` reads a programme."""
        if self.seed is not None:
            columns = {"fair": pl.String, "class": pl.String, "firm": pl.String, "won": pl.Boolean}
            drawn = [(one.fair, one.lots, one.firm, one.won) for one in self.draws]
            return self.as_given(pl.DataFrame(drawn, schema=columns, orient="row"))
        rows = [
            {**asdict(x), "markets": " ".join(x.markets), "products": " ".join(x.products)}
            for x in self.lines
        ]
        return self.as_given(pl.DataFrame(rows, infer_schema_length=None))

    def data(self) -> dict[str, Any]:
        """Plain data; sums are CNY."""
        return {
            **values_of(self, "budget", "cost", "brings", "low80", "high80", "next_yuan", "sizes"),
            **values_of(self, "mean_effect", "editions", "fairs=lines"),
            "places": sum(line.places for line in self.lines),
            "budgets": [{"budget": b, "brings": value} for b, value in self.budgets],
            "crowded": [
                {"product": product, "market": market, "room": room, "year": year}
                for product, market, room, year in self.crowded
            ],
            "ended": [
                {"fair": fair, "last_places": places, "last_cost": cost}
                for fair, places, cost in self.ended
            ],
            "put_aside": [str(error) for error in self.quarantined],
            "exports_put_aside": rows_aside(self.exports_aside),
            "draw": values_of(self, "seed", "firms=draws"),
        }


@question(FairsRequest)
def fairs(request: FairsRequest) -> FairsAnswer:
    """Fairs to support, with how many places each, that bring the most recorded export.

    What a place brings is known from the fair's own last editions, or from a local estimate with
    its source. Fairs without either are put in the order of the room their segments have: no sum.
    With a seed, lots are drawn within classes (:mod:`offing.planning.fairs`).

    Raises:
        InputError: ``fairs.no_budget``, ``.bad_budget``, ``.no_seed``, ``.draw_of_whom``,
            ``.nothing_offered``, ``errors.out_of_range``, or a file that cannot be used.
    """
    if request.draw is not None and (request.firms is None or not request.draw.strip()):
        raise InputError("fairs.draw_of_whom" if request.firms is None else "fairs.no_seed")
    day = day_asked(None, request.on)
    fx = fx_of(open_warehouse(request.warehouse), day)
    budget = _budget(request.budget, fx)
    catalogue = read_fairs(Path(request.fairs))
    listed = None if request.firms is None else read_fair_firms(Path(request.firms))
    offered = [x for x in catalogue.rows if x.places is not None and (x.on is None or x.on >= day)]
    if not offered:
        raise InputError("fairs.nothing_offered", where=Where(Path(request.fairs)))
    known = effects(catalogue.rows, partial(_yuan, fx))
    segments, rooms, unsure, aside = _rooms(request, offered, fx)
    tell(say("fairs.choosing"), 0.9)
    cases = []
    for fair, mine in zip(offered, segments, strict=True):
        able = None if listed is None else [firm for firm in listed.rows if _fits(fair, firm)]
        cases.append(_case(fair, able, mine, known))
    offers, room = [case.offer for case in cases], {s: usd for s, (usd, _) in rooms.items()}
    made = choose(offers, room, budget)
    lines, ended = _lines(cases, made, catalogue.rows, rooms, fx)
    drawn = brought(offers, room, known.sums([f.name for f in offered], made.places))
    known_ends = any(x.places and x.low80 is not None for x in lines)
    low, high = np.quantile(drawn, [0.1, 0.9]).tolist() if known_ends else (None, None)
    steps = [(share * budget, choose(offers, room, share * budget).value) for share in BUDGETS]
    files = (catalogue, listed or Records[FairFirm](()))
    notes = (*_notes(files, day), *fx.used_rates("CNY"))
    draws = (
        replace(one, fair=case.fair.title)
        for case, places in zip(cases, made.places, strict=True)
        for one in fair_draw(case.fair.name, case.firms or (), places, request.draw)
    )
    return FairsAnswer(
        budget, tuple(sorted(lines, key=_order)), made.cost, made.value, low, high, made.next_unit,
        tuple(steps), _full_segments(made, rooms), ended,
        sizes=tuple(_sizes(files[1].rows, cases, made)),
        mean_effect=known.centre, editions=known.editions,
        quarantined=(*files[0].quarantined, *files[1].quarantined), exports_aside=aside,
        put_aside=sum(map(len, (*(of.quarantined for of in files), aside))),
        draws=tuple(draws), seed=request.draw,
        cautions=(*notes, *unsure, *_cautions(request, lines, known)),
    )  # fmt: skip


LEAST_SUBSIDY = 100
"""Yuan a place; less is in ten thousands."""


def _notes(files: tuple[Records[Fair], Records[FairFirm]], day: date) -> Iterator[Caution]:
    """What the files should be asked."""
    yield from (*files[0].notes, *files[1].notes)
    rows = [fair for fair in files[0].rows if fair.places is not None]
    if over := [fair.title for fair in rows if fair.on is not None and fair.on < day]:
        yield Caution("fairs.over", {"fairs": join_list(over), "day": str(day)})
    if tiny := [fair.title for fair in rows if 0 < fair.place_cny < LEAST_SUBSIDY]:
        yield Caution("fairs.tiny_subsidy", {"fairs": join_list(dict.fromkeys(tiny))})
    coded = ((row.name, code) for file in files for row in file.rows for code in row.products)
    yield from ended_codes(coded, "fairs.code_ended")
    yield from _asked_in_vain(files[1].rows, {fair.name.casefold() for fair in files[0].rows})


def _asked_in_vain(firms: Sequence[FairFirm], names: Container[str]) -> Iterator[Caution]:
    """Fairs that firms ask for and the catalogue has not."""
    lost = [[one for one in firm.asks if one.casefold() not in names] for firm in firms]
    if unknown := dict.fromkeys(one for asks in lost for one in asks):
        count = sum(map(bool, lost))
        yield Caution("fairs.asked_in_vain", {"count": count, "fairs": join_list(unknown)})


def _budget(given: Amount, fx: FxTable) -> float:
    """In CNY.

    Raises:
        InputError: ``fairs.no_budget``, ``errors.out_of_range``, or it is no money.
    """
    if given is None:
        raise InputError("fairs.no_budget")
    budget = money(given, "CNY")
    assert budget is not None
    value = _yuan(fx, budget.amount, budget.currency)
    must_be_within("--budget", value, ge=0)
    return value


def _yuan(fx: FxTable, amount: Decimal, code: str) -> float:
    return float(fx.convert(amount, code, "CNY"))


USUAL = 2
"""Years ahead of the day for a fair without one."""


def _rooms(
    request: FairsRequest, offered: Sequence[Fair], fx: FxTable
) -> tuple[list[tuple[Segment, ...]], Room, tuple[Caution, ...], tuple[tuple[str, int, int], ...]]:
    """As :func:`rooms_of`, and (reason, lines, first row) of the exports' rows in quarantine."""
    if request.exports is None:
        return [() for _ in offered], {}, (Caution("fairs.no_exports"),), ()
    asked = ProvinceRequest(
        request.exports, request.province, request.origin, digits=DIGITS,
        cumulated=request.cumulated, on=request.on, dataset=request.dataset,
        column=request.column, sheet=request.sheet, currency=request.currency,
        dates=request.dates, period=request.period, warehouse=request.warehouse,
    )  # fmt: skip
    day = day_asked(None, request.on)
    until = partial(year_after, day=day, horizon=request.horizon, usual=USUAL)
    ready = made_ready(asked)
    found = rooms_of(ready, offered, until, _yuan(fx, Decimal(1), "USD"))
    return *found, ready.read.quarantined


def _fits(fair: Fair, firm: FairFirm) -> bool:
    """Whether a firm may be sent: it asks for the fair, or says nothing and makes its goods."""
    if firm.asks:
        return fair.name.casefold() in map(str.casefold, firm.asks)
    goods = product(firm.products, fair.products)
    return any(mine.startswith(code) or code.startswith(mine) for mine, code in goods)


@dataclass(frozen=True)
class _Case:
    """A fair that may be supported: the firms that may be sent, its offer, what is known of it."""

    fair: Fair
    firms: Sequence[FairFirm] | None
    offer: FairOffer
    effect: Effect | None


def _case(
    fair: Fair, firms: Sequence[FairFirm] | None, mine: tuple[Segment, ...], known: Effects
) -> _Case:
    effect, places = known.of.get(fair.name), fair.places or 0
    offer = FairOffer(
        places if firms is None else min(places, len(firms)), float(fair.place_cny),
        float(fair.fixed_cny), effect.value if effect else 0.0, mine,
    )  # fmt: skip
    return _Case(fair, firms, offer, effect)


_UNTOLD = dict.fromkeys(("firms", "intent", "contract", "recorded"))


def _line(
    case: _Case, places: int, brings: float, rooms: Room, told: Mapping[str, Any]
) -> FairLine:
    fair, offer, effect = case.fair, case.offer, case.effect
    room = [rooms[segment] for segment in offer.segments if segment in rooms]
    return FairLine(
        fair.title, fair.markets, fair.products, fair.on, offer.places,
        eligible=None if case.firms is None else len(case.firms), places=places,
        cost=offer.place_cost * places + offer.fixed_cost * (places > 0),
        effect=effect.value if effect else None,
        low80=effect.low if effect else None, high80=effect.high if effect else None,
        own=effect.own if effect else None, source=effect.source if effect else "",
        brings=brings, room=fsum(usd for usd, _ in room) if room else None,
        room_year=max((year for _, year in room), default=None),
        place_cny=offer.place_cost, **told,
    )  # fmt: skip


def _order(line: FairLine) -> tuple[float, ...]:
    if line.effect is None:
        return 2.0, -(line.room or 0.0), 0.0
    if not line.places:
        return 1.0, -line.effect, 0.0
    return 0.0, -line.brings / max(line.cost, 1.0), -line.brings


def _full_segments(made: Support, rooms: Room) -> tuple[tuple[str, str, float, int], ...]:
    """Segments that take no more, the largest first."""
    full = [s for s, used in made.used.items() if 0 < rooms[s][0] <= used * (1 + 1e-6)]
    full.sort(key=lambda segment: -rooms[segment][0])
    return tuple((*segment, *rooms[segment]) for segment in full)


def _lines(
    cases: Sequence[_Case], made: Support, rows: Sequence[Fair], rooms: Room, fx: FxTable
) -> tuple[list[FairLine], tuple[tuple[str, int, float | None], ...]]:
    """The fairs of the programme, and those of last year that are no more: places and cost."""
    editions = last_editions(rows, partial(_yuan, fx))
    before = dict[str, tuple[str, int, float | None]]()
    for fair in rows:
        if fair.last_places is not None:
            cost = None if fair.last_cny is None else float(fair.last_cny)
            before.setdefault(fair.name, (fair.title, fair.last_places, cost))
    lines = []
    for case, places, brings in zip(cases, made.places, made.brings, strict=True):
        _, supported, cost = before.pop(case.fair.name, ("", None, None))
        told = {**editions.get(case.fair.name, _UNTOLD), "last_places": supported}
        lines.append(_line(case, places, brings, rooms, {**told, "last_cost": cost}))
    return lines, tuple(last for last in before.values() if last[1])


def _sizes(firms: Sequence[FairFirm], cases: Sequence[_Case], made: Support) -> Iterator[SizeShare]:
    """Places and money by size class, by lot among the firms of each fair."""
    places: defaultdict[str, float] = defaultdict(float)
    cost: defaultdict[str, float] = defaultdict(float)
    able: defaultdict[str, set[str]] = defaultdict(set)
    for case, count in zip(cases, made.places, strict=True):
        for firm in case.firms or () if count else ():
            part = count / len(case.firms or ())
            places[firm.size] += part
            cost[firm.size] += part * (case.offer.place_cost + case.offer.fixed_cost / count)
            able[firm.size].add(firm.name)
    for size, count in Counter(firm.size for firm in firms).items():
        yield SizeShare(size, count, len(able[size]), places[size], cost[size])


def _cautions(
    request: FairsRequest, lines: Sequence[FairLine], known: Effects
) -> Iterator[Caution]:
    if request.firms is None:
        yield Caution("fairs.no_firms")
    if known.centre is None and known.editions:
        yield Caution("fairs.few_editions", {"count": known.editions, "fairs": str(known.fairs)})
    if bare := [x.fair for x in lines if x.places and x.effect is not None and x.low80 is None]:
        yield Caution("fairs.no_ends", {"fairs": join_list(bare)})
    if none := [x.fair for x in lines if x.eligible == 0]:
        yield Caution("fairs.nobody", {"fairs": join_list(none)})


def rooms_of(
    ready: Ready, fairs: Sequence[Fair], until: Callable[[Fair], int], yuan: float
) -> tuple[list[tuple[Segment, ...]], Room, tuple[Caution, ...]]:
    """The segments of each fair, their room, and which have none that is known.

    Args:
        ready: the province's exports beside its country's.
        fairs: that may be supported.
        until: the year up to which growth counts for a fair.
        yuan: for a dollar.
    """
    sold = set(ready.beside["product"])
    segments = [segments_of(fair.products, fair.markets, sold) for fair in fairs]
    years: dict[Segment, int] = {}
    for fair, mine in zip(fairs, segments, strict=True):
        for segment in mine:
            years[segment] = max(until(fair), years.get(segment, 0))
    by_year: defaultdict[int, set[str]] = defaultdict(set)
    for (code, _), year in years.items():
        by_year[year] |= {code} & sold
    room = dict[Segment, tuple[float, int]]()
    for year, products in sorted(by_year.items()):
        outlook = ready.expected(sorted(products), year)
        for row in outlook.iter_rows(named=True):
            segment = row["product"], row["market"]
            if years.get(segment) == year:
                room[segment] = yuan * (max(row["gain_usd"], 0.0) + row["room_usd"]), year
    cautions = [*ready.said]
    if unknown := [f"{code} {country_name(to)}" for code, to in sorted(years.keys() - room.keys())]:
        cautions.append(Caution("fairs.room_unknown", {"segments": join_list(unknown, NAMED)}))
    return segments, room, tuple(cautions)


def year_after(fair: Fair, day: date, horizon: int | None, usual: int) -> int:
    """The year up to which growth counts for a fair: the one after it.

    That of the horizon from ``day`` where one was asked for; a fair without a day has the usual.
    """
    if horizon is not None or fair.on is None:
        return target_year(day, horizon or usual)
    return target_year(fair.on, 1)
