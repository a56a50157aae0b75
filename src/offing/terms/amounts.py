"""Amounts and rates as people type them, read exactly.

Tax money is Decimal from the text to the result; no binary number comes near it.
"""

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Context, Decimal, localcontext

from offing.terms.errors import InputError, Where
from offing.terms.money import exact

_CONTEXT = Context(prec=60)
# Amounts to 1e13 with cents, times an exchange rate, times two rates: 40 digits. Room to spare.

SIMPLE = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
"""A number that needs no second look."""

_GROUPED = re.compile(r"[+-]?\d{1,3}(?:(?:,\d{3})+|(?: \d{3})+)(?:\.\d+)?")
_EITHER = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}")
"""A thousand in one country's writing, one and nought thousandths in another's."""
_POWERS = {"k": 3, "thousand": 3, "m": 6, "mn": 6, "mio": 6, "million": 6, "bn": 9, "billion": 9}
_SHORT = re.compile(rf"(?i)(.*\d)\s*({'|'.join(_POWERS)})\b(.*)")
_MULTIPLES = {"亿元": 100_000_000, "万元": 10_000, "亿": 100_000_000, "万": 10_000, "元": 1}


@contextmanager
def exactly() -> Iterator[None]:
    """Decimal arithmetic with 60 digits inside the block, whatever the caller's context is."""
    with localcontext(_CONTEXT):
        yield


def amount(text: str | int | Decimal, *, where: Where | None = None) -> Decimal:
    """An amount of money as it is typed: ``1,234.50``, ``1 234.50``, ``１２００``,
    ``35.2万元``, ``(12.00)``.

    Args:
        text: the cell; a number is taken as it is. Binary floats are refused.
        where: the place in the input, for the error.

    Raises:
        InputError: ``refund.bad_amount`` where it is not one clear number.

    >>> amount("１,２００.50"), amount("3.5万元"), amount("(12.00)")
    (Decimal('1200.50'), Decimal('35000.0'), Decimal('-12.00'))
    """
    if not isinstance(text, str):
        return exact(text)
    if SIMPLE.fullmatch(text):
        return Decimal(text)
    plain = unicodedata.normalize("NFKC", text).strip().replace("−", "-").lstrip("¥￥ ")
    factor = 1
    for suffix, times in _MULTIPLES.items():
        if plain.endswith(suffix):
            plain, factor = plain[: -len(suffix)].strip(), times
            break
    if plain.startswith("(") and plain.endswith(")"):
        plain = "-" + plain[1:-1].strip()
    if _GROUPED.fullmatch(plain):
        plain = plain.replace(",", "").replace(" ", "")
    if not re.fullmatch(r"[+-]?(?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][+-]?\d{1,3})?", plain):
        raise InputError("refund.bad_amount", where=where, text=text)
    return Decimal(plain) * factor


def clear_amount(text: str | int | Decimal, *, where: Where | None = None) -> Decimal:
    """An amount typed by a person, who may write a thousand as ``1,000`` or as ``1.000``.

    Raises:
        InputError: ``money.thousand_or_one`` for ``1.000``; see also :func:`amount`.

    >>> clear_amount("250,000"), clear_amount("0.125"), clear_amount("1.5")
    (Decimal('250000'), Decimal('0.125'), Decimal('1.5'))
    """
    if isinstance(text, str):
        plain = unicodedata.normalize("NFKC", text).strip().lstrip("¥￥ ").rstrip("元万亿 ")
        if _EITHER.fullmatch(plain):
            whole, _, thousandths = plain.partition(".")
            raise InputError(
                "money.thousand_or_one",
                where=where,
                text=text,
                large=f"{whole},{thousandths}",
                small=f"{plain}0",
            )
    return amount(text, where=where)


def split_multiple(text: str) -> tuple[str, int]:
    """An amount typed with k, m, bn or their names, without it, and the power of ten that it is.

    Only for what a person types: in a cell of a table m may be metres.

    >>> split_multiple("USD 1.2m"), split_multiple("500 thousand EUR"), split_multiple("5")
    (('USD 1.2', 6), ('500 EUR', 3), ('5', 0))
    """
    short = _SHORT.fullmatch(text)
    return (short[1] + short[3], _POWERS[short[2].lower()]) if short else (text, 0)


def rate(text: str | int | Decimal, *, name: str, where: Where | None = None) -> Decimal:
    """A share of one: ``0.13`` or ``13%``. A bare ``13`` is refused, not guessed at.

    Raises:
        InputError: ``refund.bad_amount`` or ``refund.bad_rate``.

    >>> rate("13%", name="levy rate")
    Decimal('0.13')
    """
    if isinstance(text, str) and (bare := unicodedata.normalize("NFKC", text).strip()).endswith(
        "%"
    ):
        value = amount(bare[:-1], where=where).scaleb(-2)
    else:
        value = amount(text, where=where)
    if not 0 <= value < 1:
        raise InputError("refund.bad_rate", where=where, name=name, text=text)
    return value
