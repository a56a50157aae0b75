"""Read the cells of a ledger: dates, amounts, codes and names as people write them.

Every function gives ``None`` where a cell cannot be read for certain. Nothing is guessed: a date
such as 03/05/2024 is read only where the ledger itself, or its owner, says which part is the day.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from typing import Literal

from offing.terms.countries import country_code
from offing.terms.currencies import currency_code
from offing.terms.errors import InputError
from offing.terms.incoterms import INCOTERMS
from offing.terms.units import unit_of

DayOrder = Literal["day-first", "month-first"]

FIRST, LAST = date(1994, 1, 1), date(2100, 1, 1)
"""Days that a ledger may have: China's export refund began in 1994."""

EXCEL_EPOCH = date(1899, 12, 30)
"""Day 0 of a workbook's serial days, with the day that 1900 never had."""

MONTHS = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
}

CURRENCY_NAMES = {
    "美元": "USD",
    "美金": "USD",
    "US$": "USD",
    "欧元": "EUR",
    "€": "EUR",
    "英镑": "GBP",
    "£": "GBP",
    "人民币": "CNY",
    "人民币元": "CNY",
    "元": "CNY",
    "RMB": "CNY",
    "日元": "JPY",
    "港币": "HKD",
    "港元": "HKD",
    "HK$": "HKD",
    "韩元": "KRW",
    "澳元": "AUD",
    "加元": "CAD",
    "新加坡元": "SGD",
    "泰铢": "THB",
    "卢布": "RUB",
    "瑞士法郎": "CHF",
    "越南盾": "VND",
    "林吉特": "MYR",
    "印度卢比": "INR",
    "墨西哥比索": "MXN",
    "波兰兹罗提": "PLN",
    "迪拉姆": "AED",
}
"""What ledgers call a currency besides its code. ``$`` and ``¥`` alone stand for several."""

BRANDS = {
    "own": "own",
    "ownbrand": "own",
    "自主品牌": "own",
    "自有品牌": "own",
    "境内自主品牌": "own",
    "oem": "oem",
    "贴牌": "oem",
    "代工": "oem",
    "境外品牌贴牌生产": "oem",
}


def normal(text: str) -> str:
    """Text with full-width letters, digits and signs made plain, without blanks around it."""
    return unicodedata.normalize("NFKC", text).strip()


@lru_cache(maxsize=20_000)
def read_date(text: str, order: DayOrder | None = None) -> date | None:
    """A day, from ISO, 2024/3/5, 20240305, 2024年3月5日, 5-Mar-2024 or a workbook's serial day.

    Args:
        text: the cell.
        order: which of the first two numbers is the day in 03/05/2024; ``None`` reads only those
            where one of them cannot be a month.

    >>> read_date("２０２４年３月５日"), read_date("45356"), read_date("03/05/2024")
    (datetime.date(2024, 3, 5), datetime.date(2024, 3, 5), None)
    """
    cell = normal(text)
    cell = re.sub(r"[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?Z?$", "", cell)
    try:
        day = _date(cell, order)
    except ValueError:
        return None
    return day if day and FIRST <= day < LAST else None


def _date(cell: str, order: DayOrder | None) -> date | None:
    if match := re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", cell):
        return date(int(match[1]), int(match[2]), int(match[3]))
    if re.fullmatch(r"\d{8}", cell):
        return date(int(cell[:4]), int(cell[4:6]), int(cell[6:]))
    if re.fullmatch(r"\d{5}(\.\d+)?", cell):
        return EXCEL_EPOCH + timedelta(days=int(float(cell)))
    if match := re.fullmatch(r"(\d{1,2})[-/. ]([A-Za-z]{3})[a-z]*\.?[-/., ]+(\d{4})", cell):
        return date(int(match[3]), MONTHS.get(match[2].lower(), 0), int(match[1]))
    if match := re.fullmatch(r"([A-Za-z]{3})[a-z]*\.? (\d{1,2}),? (\d{4})", cell):
        return date(int(match[3]), MONTHS.get(match[1].lower(), 0), int(match[2]))
    if match := re.fullmatch(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})", cell):
        first, second, year = int(match[1]), int(match[2]), int(match[3])
        if first > 12 or (order == "day-first" and second <= 12) or first == second:
            return date(year, second, first)
        if second > 12 or order == "month-first":
            return date(year, first, second)
    return None


def order_of_days(cells: list[str]) -> DayOrder | None:
    """Which part is the day, where the ledger's own dates leave no doubt."""
    pairs = [
        (int(match[1]), int(match[2]))
        for cell in cells
        if (match := re.match(r"(\d{1,2})[-/.](\d{1,2})[-/.]\d{4}", normal(cell)))
    ]
    day_first = any(first > 12 for first, _ in pairs)
    month_first = any(second > 12 for _, second in pairs)
    if day_first == month_first:
        return None
    return "day-first" if day_first else "month-first"


@dataclass(frozen=True)
class Amount:
    """A number, and the currency that stood beside it, if one did."""

    value: Decimal
    currency: str | None = None


_NUMBER = r"[\d.,'\s]*\d[\d.,'\s]*(?:[eE][+-]?\d+)?"
_AMOUNT = re.compile(
    rf"(?P<open>\()?\s*(?P<sign>[-+])?\s*(?P<before>[^\d.,'()+\-\s]{{1,4}})?\s*(?P<sign2>[-+])?\s*"
    rf"(?P<number>{_NUMBER})\s*(?P<wan>万)?\s*(?P<after>[^\d.,'()+\-\s]{{1,4}})?\s*(?P<close>\))?"
)


@lru_cache(maxsize=50_000)
def read_amount(text: str, comma: bool = False) -> Amount | None:
    """A number: 1,234.50 or 1.234,50, (1,234.50) for a negative one, 12.5万元, US$ 1,234.

    Args:
        text: the cell.
        comma: whether the ledger writes decimals with a comma; it decides on 1,234 and 1.234 only.

    Returns:
        The value rounded half up to four decimals, which is what a workbook's binary fractions
        need.

    >>> read_amount("１２.５万美元"), read_amount("(1,234.50)").value
    (Amount(value=Decimal('125000.0000'), currency='USD'), Decimal('-1234.5000'))
    """
    cell = normal(text).replace("\u2212", "-")
    match = _AMOUNT.fullmatch(cell)
    if match is None or bool(match["open"]) != bool(match["close"]):
        return None
    if sum(1 for part in ("open", "sign", "sign2") if match[part]) > 1:
        return None
    value = _decimal(re.sub(r"[\s']", "", match["number"]), comma)
    if value is None:
        return None
    if match["wan"]:
        value *= 10_000
    if match["open"] or "-" in (match["sign"], match["sign2"]):
        value = -value
    named = [part for part in (match["before"], match["after"]) if part]
    currency = None
    for name in named:
        if name in ("$", "¥", "￥"):
            continue
        found = read_currency(name)
        if found is None or currency not in (None, found):
            return None
        currency = found
    if abs(value) >= Decimal("1e13"):
        return None
    return Amount(value.quantize(Decimal("0.0001"), rounding=ROUND_HALF_UP), currency)


def _decimal(digits: str, comma: bool) -> Decimal | None:
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d*)?", digits):
        one = re.fullmatch(r"\d{1,3},\d{3}", digits)
        digits = digits.replace(",", ".") if one and comma else digits.replace(",", "")
    elif re.fullmatch(r"\d{1,3}(\.\d{3})+", digits) and (digits.count(".") > 1 or comma):
        digits = digits.replace(".", "")
    elif re.fullmatch(r"\d{1,3}(\.\d{3})+,\d*|\d+,\d+", digits):
        digits = digits.replace(".", "").replace(",", ".")
    try:
        value = Decimal(digits)
    except InvalidOperation:
        return None
    return value if value.is_finite() and value.adjusted() < 20 else None


def uses_comma(cells: list[str]) -> bool:
    """Whether the ledger's numbers show a decimal comma and never a decimal point."""
    comma = point = False
    for cell in map(normal, cells):
        comma |= bool(re.search(r"\d,(\d{1,2}|\d{4,})\D*$|\d\.\d{3},\d", cell))
        point |= bool(re.search(r"\d\.(\d{1,2}|\d{4,})\D*$|\d,\d{3}\.\d", cell))
    return comma and not point


@lru_cache(maxsize=1000)
def read_currency(text: str) -> str | None:
    """A currency's code, from a code or a usual name."""
    name = normal(text).upper()
    if name in CURRENCY_NAMES:
        return CURRENCY_NAMES[name]
    try:
        return currency_code(name)
    except InputError:
        return None


@lru_cache(maxsize=5000)
def read_market(text: str) -> str | None:
    """A country's code from a code, number or name in either language, also ``德国(DEU)``."""
    cell = normal(text)
    for name in (cell, re.sub(r"\(.*?\)", "", cell)):
        try:
            return country_code(name)
        except InputError:
            continue
    return None


@lru_cache(maxsize=5000)
def read_code(text: str) -> str | None:
    """A product code of 2 to 10 digits; the 13 digits of a Chinese declaration become 10.

    >>> read_code("8528.72.2200"), read_code("8528722200101"), read_code("852")
    ('8528722200', '8528722200', None)
    """
    cell = re.sub(r"\.0$", "", normal(text))
    digits = re.sub(r"[.\s-]", "", cell)
    if not re.fullmatch(r"[0-9]+", digits) or digits.startswith("00"):
        return None
    if len(digits) == 13:
        return digits[:10]
    return digits if len(digits) in (2, 4, 6, 8, 10) else None


@lru_cache(maxsize=1000)
def read_unit(text: str) -> str:
    """``item``, ``kg``, or the name as it stands in small letters."""
    name = normal(text).lower()
    return unit_of(name) or name


@lru_cache(maxsize=1000)
def read_brand(text: str) -> str:
    """``own``, ``oem``, or the name as it stands."""
    name = normal(text)
    return BRANDS.get(re.sub(r"[\s_-]+", "", name).lower(), name)


@lru_cache(maxsize=1000)
def read_incoterm(text: str) -> str | None:
    """The Incoterm at the start of the cell, as in ``FOB Ningbo``; C&F is CFR."""
    name = re.sub(r"^(C&F|CNF|C AND F|CF)\b", "CFR", normal(text).upper())
    return next((term for term in INCOTERMS if re.match(rf"{term}\b", name)), None)
