"""Numbers as people write them, and which of point and comma is the decimal mark of a column.

A single cell such as ``1.200`` does not tell whether it is one and a fifth or twelve hundred. So
the mark is decided for a column over all its rows, then over the other columns of the file; what
neither tells is asked for, and what contradicts itself is refused.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from offing.terms.errors import InputError, Where
from offing.terms.money import CURRENCY_SIGNS, currency_code, is_sign_of
from offing.terms.text import normal

KEPT = 50_000
"""How many cells of a file are known as read: most say what another has said."""

MULTIPLES = {
    "千万": 10**7, "百万": 10**6, "十万": 10**5, "亿": 10**8, "万": 10**4, "千": 10**3,
}  # fmt: skip
"""The counting words that stand behind a number or in a heading."""
COUNTING = {**MULTIPLES, "mio": 10**6, "mln": 10**6, "tsd": 1000, "k": 1000}
"""Those that stand behind a number; ``m`` may be metres."""


@dataclass(frozen=True)
class Amount:
    """A number, the currency or bare sign that stood beside it, and whether a counting word did.

    A sign such as ``$`` stands for several currencies: it only has to fit the one that is known.
    """

    value: Decimal
    currency: str | None
    counted: bool
    sign: str | None

    def is_in(self, currency: str | None) -> bool:
        """Whether what stood beside the number is this currency, or may be."""
        if self.sign is not None:
            return is_sign_of(self.sign, currency)
        return self.currency in (None, currency)


_NUMBER = r"(?=[.,'\s]*+\d)[\d.,'\s]++(?:[eE][+-]?\d{1,3})?"
_AMOUNT = re.compile(
    rf"(?P<open>\()?\s*+(?P<sign>[-+])?\s*+(?P<before>[^\d.,'()+\-\s]{{1,4}})?\s*+(?P<sign2>[-+])?\s*+"
    rf"(?P<number>{_NUMBER})\s*+(?P<sign3>-)?\s*+(?P<times>{'|'.join(MULTIPLES)}|(?:mio|mln|tsd|k)(?![a-z]))?\s*+"
    r"(?P<after>[^\d.,'()+\-\s]{1,4})?\s*+(?P<close>\))?"
)
_SIGNS_AT = ("sign", "sign2", "sign3")
"""Where a sign may stand: SAP writes it behind."""


@lru_cache(maxsize=KEPT)
def read_currency(text: str) -> str | None:
    """A currency's code, from a code or a usual name, or from both where they are the same.

    >>> read_currency("美元"), read_currency("USD(美元)"), read_currency("EUR (USD)")
    ('USD', 'USD', None)
    """
    plain = normal(text)
    parts = re.fullmatch(r"([^()]+)\(([^()]+)\)", plain)
    codes = {_code(name) for name in (parts.groups() if parts else (plain,))}
    return codes.pop() if len(codes) == 1 else None


def _code(text: str) -> str | None:
    try:
        return currency_code(text.strip())
    except InputError:
        return None


@lru_cache(maxsize=KEPT)
def read_amount(text: str, comma: bool = False) -> Amount | None:
    """A number: 1,234.50 or 1.234,50, 12.5万元, US$ 1,234; (1,234.50) or 1,234.50- if negative.

    ``comma``, whether the column writes decimals with one, decides on 1,234 and 1.234 only.

    >>> read_amount("１２.５万美元").value, read_amount("(1,234.50)").value
    (Decimal('125000.0'), Decimal('-1234.50'))
    >>> read_amount("5.730,00- EUR", comma=True).value, read_amount("100-200")
    (Decimal('-5730.00'), None)
    """
    match = _AMOUNT.fullmatch(normal(text).replace("\u2212", "-").replace("\u2019", "'"))
    if match is None or bool(match["open"]) != bool(match["close"]):
        return None
    if sum(1 for sign in ("open", *_SIGNS_AT) if match[sign]) > 1:
        return None
    value = _decimal(re.sub(r"[\s']", "", match["number"]), comma)
    beside = _beside({name for name in (match["before"], match["after"]) if name})
    if value is None or beside is None:
        return None
    if match["open"] or "-" in map(match.group, _SIGNS_AT):
        value = -value
    times = match["times"]
    currency, sign = beside
    return Amount(value * COUNTING.get(times, 1), currency, bool(times), sign)


def _beside(names: set[str]) -> tuple[str | None, str | None] | None:
    """The currency and the bare sign beside a number; ``None`` where they are no money."""
    signs = names & set(CURRENCY_SIGNS)
    currencies = {read_currency(name) for name in names - signs}
    if max(len(signs), len(currencies)) > 1 or None in currencies:
        return None
    currency, sign = next(iter(currencies), None), next(iter(signs), None)
    if currency and sign:
        return (currency, None) if is_sign_of(sign, currency) else None
    return currency, sign


def _decimal(digits: str, comma: bool) -> Decimal | None:
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d*)?", digits):
        grouped = re.fullmatch(r"\d{1,3},\d{3}", digits)
        digits = digits.replace(",", ".") if grouped and comma else digits.replace(",", "")
    elif re.fullmatch(r"\d{1,3}(\.\d{3})+", digits) and (digits.count(".") > 1 or comma):
        digits = digits.replace(".", "")
    elif re.fullmatch(r"\d{1,3}(\.\d{3})+,\d*|\d+,\d+", digits):
        digits = digits.replace(".", "").replace(",", ".")
    try:
        value = Decimal(digits)
    except InvalidOperation:
        return None
    return value if value.is_finite() and value.adjusted() < 20 else None


_DIGITS = re.compile(r"\d[\d.,'\s]*|[.,]\d+")
_THREE_OF_MONEY = re.compile(r"\d{4,},\d{3}")
_COULD_BE_THOUSANDS = re.compile(r"[1-9]\d{0,2}.\d{3}")
_THOUSANDS = r"\d{1,3}(?:[%s]\d{3})"
_MARKS = {
    mark: (
        re.compile(rf"{_THOUSANDS % other}+[{mark}]\d*|{_THOUSANDS % other}{{2,}}"),
        re.compile(rf"(?<!\d)\d*+[{mark}]\d*"),
    )
    for mark, other in ((".", ","), (",", "."))
}
"""Decimal mark → what can have no other one, and what has it or could be thousands."""
_PLAIN = re.compile(r"-?\d+\.(?:\d{1,2}|\d{4,})")


def sign_of(text: str) -> str:
    """What a cell tells of the decimal mark: ``.`` or ``,``, with ``?`` where it could be either.

    What is no number tells nothing.

    >>> [sign_of(cell) for cell in ("1,234.50", "1.000.000", "0.850", "9,5", "850.000", "12")]
    ['.', ',', '.', ',', '.?', '']
    """
    match = _DIGITS.search(text if text.isascii() else normal(text))
    digits = re.sub(r"[\s']", "", match[0]) if match else ""
    for mark, (sure, either) in _MARKS.items():
        if sure.fullmatch(digits):
            return mark
        if either.fullmatch(digits):
            return mark + "?" if _COULD_BE_THOUSANDS.fullmatch(digits) else mark
    return ""


@dataclass(frozen=True)
class Evidence:
    """What the cells of one column tell, each kind of it with the first row and cell that has it.

    Attributes:
        heading: of the column.
        signs: :func:`sign_of` → the row and the cell; ``.=`` is a cell such as 1.125 that a
            workbook may hold as a number.
        money: whether three decimals would be strange: in a column of money that has no cell of
            one, three or more.
        grouped: whether a cell that is sure has marks of thousands.
    """

    heading: str
    signs: Mapping[str, tuple[int, str]]
    money: bool
    grouped: bool = False

    def odd(self, sure: set[str]) -> tuple[int, str] | None:
        """A cell that is three decimals of money beside two, or thousands of another hand.

        A machine that writes no marks of thousands writes 850.125, and no 12.000.
        """
        found = self.signs.get(f"{min(sure)}?") if sure and self.money else None
        return found if found and (self.grouped or found[1].endswith("0")) else None


def evidence(
    heading: str,
    cells: Iterable[tuple[int, str | None]],
    *,
    workbook: bool = False,
    money: bool = False,
) -> Evidence:
    """Look at a column: row and cell of each row."""
    signs: dict[str, tuple[int, str]] = {}
    grouped = False
    for row, cell in cells:
        if not cell or (cell.isascii() and "." not in cell and "," not in cell):
            continue
        if sign := "." if _PLAIN.fullmatch(cell) else sign_of(cell):
            if money and _THREE_OF_MONEY.fullmatch(cell.strip()):
                sign = ",?"  # three decimals of money, or thousands that lack a mark
            number = workbook and sign == ".?" and not cell.endswith("0")
            signs.setdefault(".=" if number else sign, (row, cell))
            money &= len(_decimals(cell, sign)) in (0, 2)
            grouped |= {sign, *cell} >= _MARKS.keys()
    return Evidence(heading, signs, money, grouped)


def _decimals(cell: str, mark: str) -> str:
    """Behind the mark, where a cell is sure of it."""
    return re.sub(r"\D", "", cell.rpartition(mark)[2]) if mark in cell else ""


def decimal_commas(
    columns: Mapping[str, Evidence], where: Where, *, semicolons: bool = False
) -> dict[str, bool]:
    """Whether each column writes decimals with a comma.

    Where ``semicolons`` part the fields, 1,234 may well be one and a bit.

    Raises:
        InputError: ``sources.two_marks`` where a column has both, ``sources.which_mark`` where
            nothing tells.
    """
    around = {mark for column in columns.values() for mark in column.signs if len(mark) == 1}
    return {
        name: _comma(column, around, where, semicolons=semicolons)
        for name, column in columns.items()
    }


def _comma(column: Evidence, around: set[str], where: Where, *, semicolons: bool) -> bool:
    signs = column.signs
    sure, either = signs.keys() & {".", ","}, {sign[0] for sign in signs if len(sign) > 1}
    point = signs.get(".") or signs.get(".=")
    if "," in sure and point:
        location = Where(where.file, point[0], column.heading)
        raise InputError("sources.two_marks", where=location, point=point[1], comma=signs[","][1])
    odd = column.odd(sure)
    if odd is None:
        if sure or not either:
            return sure == {","}
        if (told := _told_around(either, around, semicolons, column.money)) is not None:
            return told
    row, cell = odd or next(iter(signs.values()))
    location = Where(where.file, row, column.heading)
    raise InputError("sources.which_mark", where=location, text=cell, **_readings(cell))


def _told_around(either: set[str], around: set[str], semicolons: bool, money: bool) -> bool | None:
    """Whether cells that could be either have a decimal comma, by the other columns."""
    if either == {","} and not around and not semicolons:
        return False  # 1,234 beside no other mark: the thousands of English and Chinese
    if len(either) == len(around) == 1 and not (around == either == {"."} and money):
        return around == {","}
    return None


def _readings(cell: str) -> dict[str, str]:
    """Both values of a cell that could be either."""
    match = re.search(r"(?<!\d)\d++[.,]\d+", cell)
    digits = match[0] if match else cell
    return {"one": digits.replace(",", "."), "other": re.sub("[.,]", "", digits)}


def must_be_clear(text: str, where: Where) -> None:
    """Refuse a single figure in quotes that could be read in two ways.

    Raises:
        InputError: ``sources.which_mark``.
    """
    if sign_of(text) == ".?":
        raise InputError("sources.which_mark", where=where, text=text, **_readings(text))
