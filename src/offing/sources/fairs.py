"""Read an office's catalogue of fairs (展会目录) and the firms that may be sent to them.

One row a fair: markets and HS codes (several in one cell with slashes, semicolons or 、 between),
its day, the places that may be supported, what the office pays a place, and what the last edition
brought: firms sent, intent (意向成交额), contracts (合同额), recorded export (实绩). A row without
places tells an earlier edition of the fair of the same name. A local estimate of what a place
brings needs its source.
"""

import re
from decimal import Decimal
from functools import partial
from pathlib import Path

from offing.sources.user_table import TableRow, records
from offing.terms.countries import country_code
from offing.terms.errors import InputError
from offing.terms.firm_records import Edition, Fair, FairFirm, Records
from offing.terms.text import firm_key

MOST_PLACES = 10_000
FIRST = {"": None, **dict.fromkeys(("1", "yes", "true", "是"), True),
         **dict.fromkeys(("0", "no", "false", "否"), False)}  # fmt: skip
"""How it is written whether a firm has never been sent."""
_BETWEEN = re.compile(r"[/;；、|]+")


def read_fairs(path: Path) -> Records[Fair]:
    """The rows that can be used.

    Raises:
        InputError: the file is missing or no row of it can be used.
    """
    return records(path, "fairs", _fair)


def read_fair_firms(path: Path) -> Records[FairFirm]:
    """The firms of a list.

    Raises:
        InputError: the file is missing or no row of it can be used.
    """
    return records(path, "fair_firms", partial(_firm, set()))


def read_asked_firms(path: Path) -> dict[str, Decimal | None]:
    """Exports of the firms that an office asked, ``None`` where it does not know them.

    A list with a row that cannot be used is refused.

    Raises:
        InputError: ``fairs.firm_twice``, or a row or the file cannot be read.
    """
    seen: set[str] = set()
    read = records(
        path, "asked_firms", lambda row: (_new_firm(row, seen), row.unsigned_amount("exports"))
    )
    if read.quarantined:
        raise read.quarantined[0]
    return dict(read.rows)


def _fair(row: TableRow) -> Fair:
    markets = tuple(country_code(name) for name in _parts(row, "market"))
    if not markets:
        raise InputError("fairs.no_market", where=row.at("market"))
    places, edition = _count(row, "places"), _edition(row)
    last = _count(row, "last_places")
    if places is None and edition is None and last is None:
        raise InputError("fairs.no_places", where=row.at("places"))
    if places is not None and not row.text("place_cny"):
        raise InputError("fairs.no_subsidy", where=row.at("place_cny"))
    return row.record(
        Fair,
        name=_fair_name(row),
        markets=tuple(dict.fromkeys(markets)),
        products=_codes(row),
        places=places,
        place_cny=row.unsigned_amount("place_cny") or Decimal(0),
        fixed_cny=row.unsigned_amount("fixed_cny") or Decimal(0),
        edition=edition,
        effect=_effect(row),
        last_places=last,
        last_cny=row.unsigned_amount("last_cny"),
    )


def _firm(seen: set[str], row: TableRow) -> FairFirm:
    first = row.text("first").casefold()
    if first not in FIRST:
        raise InputError("fairs.bad_first", where=row.at("first"), text=first)
    asks, codes = tuple(_parts(row, "asks")), _codes(row)
    return FairFirm(_new_firm(row, seen), codes, row.text("size"), asks, FIRST[first])


def _fair_name(row: TableRow) -> str:
    name = row.text("name")
    if not name:
        raise InputError("fairs.no_name", where=row.at("name"))
    return name


def _new_firm(row: TableRow, seen: set[str]) -> str:
    """The name of a firm that none of the rows above has; remembered.

    Raises:
        InputError: ``fairs.no_name``, ``fairs.firm_twice``.
    """
    name = _fair_name(row)
    if firm_key(name) in seen:
        raise InputError("fairs.firm_twice", where=row.at("name"), firm=name)
    seen.add(firm_key(name))
    return name


def _parts(row: TableRow, name: str) -> list[str]:
    return [part.strip() for part in _BETWEEN.split(row.text(name)) if part.strip()]


def _codes(row: TableRow) -> tuple[str, ...]:
    """HS codes, at least one.

    Raises:
        InputError: ``fairs.no_product``, ``refund.bad_code``, ``refund.lost_zero``.
    """
    codes = [TableRow({"code": text}, row.at("product")).code() for text in _parts(row, "product")]
    if not codes:
        raise InputError("fairs.no_product", where=row.at("product"))
    return tuple(dict.fromkeys(codes))


def _count(row: TableRow, name: str) -> int | None:
    number = row.amount(name)
    if number is None:
        return None
    if number != int(number) or not 0 <= number <= MOST_PLACES:
        raise InputError("fairs.bad_count", where=row.at(name), text=row.text(name))
    return int(number)


def _edition(row: TableRow) -> Edition | None:
    """What the last edition brought.

    Raises:
        InputError: ``fairs.without_firms``, ``fairs.two_currencies``.
    """
    sums = {name: row.unsigned_amount(name) for name in ("intent", "contract", "recorded")}
    stated = [name for name, value in sums.items() if value is not None]
    firms = _count(row, "firms")
    if not firms:
        if stated and any(sums[name] for name in stated):
            raise InputError("fairs.without_firms", where=row.at("firms"))
        return None
    currencies = sorted({row.currency_of(name) or "CNY" for name in stated})
    if len(currencies) > 1:
        raise InputError("fairs.two_currencies", where=row.where, text=" ".join(currencies))
    return Edition(firms, **sums, currency=currencies[0] if currencies else "CNY")


def _effect(row: TableRow) -> tuple[Decimal, Decimal | None, Decimal | None, str] | None:
    """A local estimate of what a place brings, with its source.

    Raises:
        InputError: ``fairs.no_source``, ``fairs.bad_ends``.
    """
    value, low, high = (row.unsigned_amount(n) for n in ("effect", "effect_low", "effect_high"))
    if value is None:
        return None
    if not row.text("source"):
        raise InputError("fairs.no_source", where=row.at("source"))
    ends = (low is None) == (high is None)
    if not ends or (low is not None and high is not None and not low <= value <= high):
        raise InputError("fairs.bad_ends", where=row.at("effect_low"))
    return value, low, high, row.currency_of("effect") or "CNY"
