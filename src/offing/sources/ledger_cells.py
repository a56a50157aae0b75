"""Read the cells of a ledger: dates, amounts, codes and names as people write them.

Every function gives ``None`` where a cell cannot be read for certain. Nothing is guessed: a date
such as 03/05/2024 is read only where the ledger itself, or its owner, says which part is the day.
"""

import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Literal

from offing.sources.headings import heading_data
from offing.sources.numbers import KEPT, Amount
from offing.sources.trade_checks import last_year, names_group
from offing.terms.countries import country_code, doubtful_names, is_of_two, known_code, note
from offing.terms.errors import InputError
from offing.terms.sale_terms import INCOTERMS, WITHOUT_VAT, place_without_vat, usual_term
from offing.terms.text import normal

DayOrder = Literal["day-first", "month-first"]

FIRST, LAST = date(1994, 1, 1), date(2100, 1, 1)
"""Days that a ledger may have: China's export refund began in 1994."""

EXCEL_EPOCH = date(1899, 12, 30)
"""Day 0 of a workbook's serial days, with the day that 1900 never had."""

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
MONTHS = {name: number for number, name in enumerate(_MONTHS, 1)}


@lru_cache(maxsize=KEPT)
def read_date(text: str, order: DayOrder | None = None) -> date | None:
    """A day, from ISO, 2024/3/5, 20240305, 2024年3月5日, 二〇二四年三月五日, 5-Mar-24.

    A workbook's serial day is one as well.

    ``order`` is which of the first two numbers is the day in 03/05/2024; ``None`` reads only those
    where one of them cannot be a month.

    >>> read_date("２０２４年３月５日"), read_date("45356"), read_date("03/05/2024")
    (datetime.date(2024, 3, 5), datetime.date(2024, 3, 5), None)
    """
    day = any_date(text, order)
    return day if day and FIRST <= day < LAST else None


@lru_cache(maxsize=KEPT)
def any_date(text: str, order: DayOrder | None = None) -> date | None:
    """As :func:`read_date`, of any year."""
    try:
        return _date(_CLOCK.sub("", normal(text)), order)
    except (ValueError, OverflowError):
        return None


_CLOCK = re.compile(
    r"[T ]([上下]午)?\s?\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2}| ?[AaPp][Mm])?$"
    r"|[ (]{0,3}(星期|周)[一二三四五六日天]\)?$|[ ,(]{1,3}(mon|tue|wed|thu|fri|sat|sun)[a-z]*\)?$"
)
"""The hour or the day of the week behind a day."""
_FIGURES = "〇零○一二三四五六七八九"
_DIGITS = str.maketrans(_FIGURES, "000123456789")
_WRITTEN = re.compile(rf"[{_FIGURES}十]{{1,4}}(?=[年月日号])")


def days_in_figures(text: str) -> str:
    """Years, months and days that are written out (中文数字日期) in figures.

    >>> days_in_figures("二〇二四年十二月三十一日"), days_in_figures("2025年二月")
    ('2024年12月31日', '2025年2月')
    """
    return _WRITTEN.sub(lambda found: str(_figure(found[0])), text)


def _figure(text: str) -> int:
    """二〇二四 or 二十四, as a number."""
    tens, ten, ones = text.translate(_DIGITS).partition("十")
    return int(f"{tens or 1}{ones or 0}") if ten else int(tens)


def _date(cell: str, order: DayOrder | None) -> date | None:
    cell = days_in_figures(cell)
    if match := re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})[日号]?", cell):
        return date(int(match[1]), int(match[2]), int(match[3]))
    if re.fullmatch(r"\d{8}", cell):
        return date(int(cell[:4]), int(cell[4:6]), int(cell[6:]))
    if re.fullmatch(r"\d{5}(\.\d+)?", cell):
        return EXCEL_EPOCH + timedelta(days=int(float(cell)))
    if match := re.fullmatch(r"(\d{1,2})[-/. ]([A-Za-z]{3})[a-z]*\.?[-/., ]+(\d\d|\d{4})", cell):
        four = f"20{match[3]}"[-4:]
        return date(int(four), MONTHS.get(match[2].lower(), 0), int(match[1]))
    if match := re.fullmatch(r"([A-Za-z]{3})[a-z]*\.? (\d{1,2}),? (\d{4})", cell):
        return date(int(match[3]), MONTHS.get(match[1].lower(), 0), int(match[2]))
    if match := re.fullmatch(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})", cell):
        first, second, year = int(match[1]), int(match[2]), int(match[3])
        if first > 12 or (order == "day-first" and second <= 12) or first == second:
            return date(year, second, first)
        if second > 12 or order == "month-first":
            return date(year, first, second)
    return None


_SPAN = re.compile(r"(\d{4})年?度?(?:\s*[-/.]?\s*(\d{1,2})\s*月?份?)?")
_NAMED_MONTH = re.compile(r"([A-Za-z]{3})[a-z]*\.?[-/ ,]*(\d{4})")


def year_and_month(text: str) -> tuple[int, int | None] | None:
    """The year and the month of a text that names no day; ``None`` of any other text.

    >>> year_and_month("2024年3月"), year_and_month("202403"), year_and_month("2024年度")
    ((2024, 3), (2024, 3), (2024, None))
    """
    cell = days_in_figures(normal(text))
    if named := _NAMED_MONTH.fullmatch(cell):
        cell = f"{named[2]}-{MONTHS.get(named[1].lower(), 0):02}"
    if not (found := _SPAN.fullmatch(cell)):
        return None
    month = None if found[2] is None else int(found[2])
    return (int(found[1]), month) if month is None or 1 <= month <= 12 else None


@lru_cache(maxsize=KEPT)
def last_day(text: str) -> tuple[date, Literal["month", "year"]] | None:
    """The last day of a month or year that is written without a day; ``None`` where it is neither.

    >>> last_day("2024年2月"), last_day("202402") == last_day("Feb 2024"), last_day("2024年度")[1]
    ((datetime.date(2024, 2, 29), 'month'), True, 'year')
    """
    found = year_and_month(text)
    if found is None or not FIRST.year <= found[0] < LAST.year:
        return None
    year, month = found[0], found[1] or 12
    after = date(year + month // 12, month % 12 + 1, 1)
    return after - timedelta(days=1), "month" if found[1] else "year"


def span_text(year: str | None, month: str | None) -> str:
    """A month or year from two columns: a month that names its year stands alone.

    >>> span_text("2024", "3月"), span_text(None, "2024-03"), span_text("2024年", None)
    ('2024-3', '2024-03', '2024年')
    """
    digits = [re.sub(r"\D|\.0$", "", normal(cell or "")) for cell in (year, month)]
    return "-".join(digits) if all(digits) and len(digits[1]) <= 2 else month or year or ""


def add_centuries(days: Iterable[str | None]) -> dict[str | None, str | None]:
    """A column's days with four digits of the year where all have two: 25.3.5, 05/03/25.

    Which part is the year is told by the days together: at one end stand years up to today's
    alone, and few; at the other end more.
    """
    cells = {cell: _TWO_DIGITS.fullmatch(normal(cell)) for cell in days if cell}
    parts = [part.groups() for part in cells.values() if part]
    this = date.today().year % 100  # noqa: DTZ011 - the user's own day
    firsts, lasts = ({int(part[at]) for part in parts} for at in (0, 4))
    few = [{*range(max(ends) - 2, this + 1)} if ends else {*()} for ends in (firsts, lasts)]
    leads, ends = firsts <= few[0], lasts <= few[1]
    if len(parts) < len(cells) or leads == ends:
        return {}
    return {
        cell: f"20{part[1]}-{part[3]}-{part[5]}" if leads else f"{cell[:-2]}20{part[5]}"
        for cell, part in cells.items()
        if cell and part
    }


_TWO_DIGITS = re.compile(r"(\d{1,2})([-/.])(\d{1,2})([-/.])(\d{1,2})")


def order_of_days(cells: Iterable[str]) -> DayOrder | None:
    """Which part is the day, where the ledger's own dates leave no doubt."""
    pairs = [match.groups() for cell in cells if (match := _PAIR.fullmatch(normal(cell)))]
    day_first = any(int(first) > 12 for first, *_ in pairs)
    month_first = any(int(second) > 12 or sign == "月" for _, sign, second in pairs)
    if day_first == month_first:
        return None
    return "day-first" if day_first else "month-first"


_PAIR = re.compile(r"(\d{1,2})\s?([-/.月])\s?(\d{1,2})(?:\s?[日号.]|[-/.]\d{4}.*)?")


_FOUR_PLACES = Decimal("0.0001")
LARGEST = Decimal("1e13")
"""No amount or quantity of a line is as large."""


def round_product(amount: Amount, times: Decimal = Decimal(1)) -> Amount | None:
    """An amount times something with four decimals; ``None`` where it is too large."""
    value = amount.value if times == 1 else amount.value * times
    if abs(amount.value) >= LARGEST or abs(value) >= LARGEST:
        return None
    exact = value.quantize(_FOUR_PLACES, rounding=ROUND_HALF_UP)
    return Amount(exact, amount.currency, amount.counted, amount.sign)


def read_market(text: str) -> str | None:
    """A country's code from a code, number or name in either language, also ``德国(DEU)``.

    What stands in brackets, or before a comma, may be a city or the like, and no other country.

    >>> read_market("德国(汉堡)"), read_market("中国（香港）"), read_market("France (Germany)")
    ('DEU', 'HKG', None)
    >>> read_market("Busan, South Korea"), read_market("France, Germany")
    ('KOR', None)
    """
    name, code = _market(text)
    if code is not None:
        note(name)
    return code


def market_of(text: str, year: int = 0) -> str:
    """As :func:`read_market`, of a country that may trade in a year.

    Raises:
        InputError: ``reference.no_country``, ``reference.two_countries``,
            ``sources.group_of_countries``, ``reference.unknown_country`` or
            ``sources.dissolved_country``.
    """
    market = read_market(text)
    if market is None:
        if names_group(text):
            raise InputError("sources.group_of_countries")
        two = "two_countries" if is_of_two(text) else "unknown_country"
        raise InputError(f"reference.{two}" if text else "reference.no_country")
    if year > last_year(market):
        raise InputError("sources.dissolved_country")
    return market


@lru_cache(maxsize=KEPT)
def _market(text: str) -> tuple[str, str | None]:
    """The name in a cell, and its code."""
    cell = normal(text)
    with suppress(InputError):
        return cell, country_code(cell)
    bare = re.sub(r"\([^()]*+\)", "", cell)
    known = [part for part in bare.split("/") if known_code(part)]
    *towns, name = known if len(known) == 1 else bare.split(",")
    name, inside = name.strip(), [*towns, *re.findall(r"\(([^()]*+)\)", cell)]
    if name.casefold() in doubtful_names():
        return cell, None  # "Korea (…)" says which, in words that nobody here knows
    with suppress(InputError):
        code = country_code(name)
        others = {known_code(part) for part in inside} - {None, code}
        return name, None if others else code
    return cell, None


@lru_cache(maxsize=KEPT)
def read_code(text: str) -> str | None:
    """A product code of 2 to 10 digits; the 13 digits of a Chinese declaration become 10.

    >>> read_code("8528.72.2200"), read_code("8528722200101"), read_code("'852872")
    ('8528722200', '8528722200', '852872')
    """
    cell = re.sub(r"\.0$", "", normal(text)).lstrip("'`\N{RIGHT SINGLE QUOTATION MARK}")
    digits = re.sub(r"[.\s-]", "", cell)
    if not re.fullmatch(r"[0-9]+", digits) or digits.startswith("00"):
        return None
    if len(digits) == 13:
        return digits[:10]
    return digits if len(digits) in (2, 4, 6, 8, 10) else None


_SUM_WORD = re.compile(
    r"[合总小共累]\s*计|汇\s*总|总\s*数|承前页|过次页|余额|结转|total|\bsum|forward|opening balance"
    r"|\bb/f\b|\bc/f\b",
    re.IGNORECASE,
)
OF_TOTALS = ("invoice", "market", "model", "brand")
"""Columns of a usable line that would name it a row of sums."""
_SUM = re.compile(
    r"(.{0,24}[合总小共累]\s*计|(.{0,11}[\s月季年度])?(汇\s*总|总\s*数))(\(.*\))?"
    r"|((grand |sub[- ]?)?totals?|sum(me)?)( of)?[\s\d./年月日-]*"
    r"|承前页|过次页|(期初|年初|月初|上期|上年|上月)(余额|结转|累计)|结转(下页|下期|下年)"
    r"|(balance )?(brought|carried) forward|opening balance|b/f|c/f",
    re.IGNORECASE,
)
OF_PARTS = (
    r"(?i)^\s*(.{0,12}([合总小共]\s*计|总[值额])|[全所][部有].{0,12}|全[国省市区]"
    r"|(sub-?)?totals?|all)\s*$"
)
"""What a column of trade modes, places or kinds of firms calls all of them; Polars reads it too."""
_SUM_OF_GROUP = re.compile(r".{1,40}\s(sub[- ]?)?totals?", re.IGNORECASE)
"""What a spreadsheet writes below the lines of a group: Germany Total. A firm may be called so."""


def is_total(cells: Iterable[str | None]) -> bool:
    """Whether a row is one of sums or balances: 合计, 3月小计, 总计(元), Total, 承前页, 期初余额.

    >>> is_total(["2026-01", "小计", "500"]), is_total(["Total Energies", "500"])
    (True, False)
    >>> is_total(["Germany Total", "", "500"]), is_total(["Gulf Total", "Oman", "500"])
    (True, False)
    """
    filled = [cell for cell in cells if cell]
    if not _SUM_WORD.search("\n".join(filled)):
        return False
    names = [normal(cell).rstrip(": ") for cell in filled]
    words = [name for name in names if re.search(r"[^\W\d_]", name)]
    alone = len(words) == 1 and _SUM_OF_GROUP.fullmatch(words[0])
    return bool(alone) or any(map(_SUM.fullmatch, names))


@lru_cache(maxsize=KEPT)
def read_brand(text: str) -> str:
    """``own``, ``oem``, or the name as it stands."""
    name = normal(text)
    brands = heading_data("firm_tables")["brands"].items()
    key = re.sub(r"[\s_-]+", "", name).lower()
    return next((kind for kind, names in brands if key in names), name)


_TERM = "|".join(INCOTERMS)
_TWO_TERMS = re.compile(rf"({_TERM})\s*(/|、|,|或|OR)\s*(?!\1)({_TERM})(?![A-Z0-9])")


@lru_cache(maxsize=KEPT)
def read_incoterm(text: str) -> str | None:
    """The Incoterm at the start of the cell, as in ``FOB Ningbo``; C&F is CFR.

    ``None`` where there is none, or two to choose from: ``FOB/CIF``.
    """
    if place_without_vat(normal(text)) is not None:
        return WITHOUT_VAT
    name = usual_term(text)
    if _TWO_TERMS.match(name):
        return None
    return next((term for term in INCOTERMS if re.match(rf"{term}(?![A-Z0-9])", name)), None)
