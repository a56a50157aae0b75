"""The room of a fair's segments: added exports that a heading has in a market, up to a year.

It counts growth up to the year after the last fair of the segment: what a fair brings is recorded
then. The calendar year is the one that has most of the twelve months after its day.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from offing.api.province import Ready
from offing.forecast.outlook.forecast import target_year
from offing.planning.support import Segment
from offing.terms.caution import Caution
from offing.terms.countries import country_name
from offing.terms.firm_records import Fair
from offing.terms.messages import enumerated

NAMED = 8
"""Segments that a caution names."""
DIGITS = 4
"""Of the products that share a segment: headings."""


@dataclass(frozen=True)
class Rooms:
    """Segments and their room.

    Attributes:
        of: segment → the added exports that it has room for, CNY.
        years: segment → the year up to which they count.
        cautions: of the exports, and which segments have no known room.
        aside: (reason as a message key, lines, first row) of the exports' rows in quarantine.
    """

    of: Mapping[Segment, float]
    years: Mapping[Segment, int]
    cautions: tuple[Caution, ...]
    aside: tuple[tuple[str, int, int], ...] = ()


def rooms_of(
    ready: Ready, fairs: Sequence[Fair], until: Callable[[Fair], int], yuan: float
) -> tuple[list[tuple[Segment, ...]], Rooms]:
    """The segments of each fair, and their room.

    Args:
        ready: the province's exports beside its country's.
        fairs: that may be supported.
        until: the year up to which growth counts for a fair.
        yuan: for a dollar.
    """
    sold = set(ready.beside["product"])
    segments = [_segments(fair, sold) for fair in fairs]
    years: dict[Segment, int] = {}
    for fair, mine in zip(fairs, segments, strict=True):
        for segment in mine:
            years[segment] = max(until(fair), years.get(segment, 0))
    by_year: defaultdict[int, set[str]] = defaultdict(set)
    for (code, _), year in years.items():
        by_year[year] |= {code} & sold
    room: dict[Segment, float] = {}
    for year, products in sorted(by_year.items()):
        outlook = ready.expected(sorted(products), year)
        for row in outlook.iter_rows(named=True):
            segment = row["product"], row["market"]
            if years.get(segment) == year:
                room[segment] = yuan * (max(row["gain_usd"], 0.0) + row["room_usd"])
    reached = {segment: years[segment] for segment in room}
    cautions = (*ready.said, *_unknown(sorted(years), room))
    return segments, Rooms(room, reached, cautions, ready.read.quarantined)


def year_after(fair: Fair, day: date, horizon: int | None, usual: int) -> int:
    """The year up to which growth counts for a fair: the one after it.

    That of the horizon from ``day`` where one was asked for; a fair without a day has the usual.
    """
    if horizon is not None or fair.on is None:
        return target_year(day, horizon or usual)
    return target_year(fair.on, 1)


def _unknown(segments: Sequence[Segment], room: Mapping[Segment, float]) -> tuple[Caution, ...]:
    named = [
        f"{code} {country_name(market)}" for code, market in segments if (code, market) not in room
    ]
    more = "…" if len(named) > NAMED else ""
    values = {"segments": enumerated(named[:NAMED]) + more}
    return (Caution("fairs.room_unknown", values),) if named else ()


def _segments(fair: Fair, sold: set[str]) -> tuple[Segment, ...]:
    return tuple((code, market) for code in _headings(fair, sold) for market in fair.markets)


def _headings(fair: Fair, sold: set[str]) -> tuple[str, ...]:
    """The headings that a fair is of; a chapter's are those that the province sells."""
    headings: list[str] = []
    for code in fair.products:
        below = [heading for heading in sorted(sold) if heading.startswith(code)]
        headings += [code[:DIGITS]] if len(code) >= DIGITS else below or [code]
    return tuple(dict.fromkeys(headings))
