"""A target as people type it: ``+30%``, ``+3成``, ``利润 2,000万元``, ``sales USD 80m``."""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from offing.sources.numbers import Amount, read_amount, sign_of
from offing.terms.amounts import clear_amount
from offing.terms.errors import InputError

Kind = Literal["sales", "profit"]
KINDS: dict[str, Kind] = {
    "sales": "sales",
    "销售额": "sales",
    "销售": "sales",
    "profit": "profit",
    "利润": "profit",
}
USUAL: dict[Kind, str] = {"sales": "USD", "profit": "CNY"}
"""The currency of digits alone."""
PARTS = {"%": 100, "成": 10}
"""What a change is written in → how many make the whole."""
SIZES = {"k": 3, "m": 6, "mn": 6, "mio": 6, "million": 6, "bn": 9, "billion": 9}
"""English sizes → the power of ten; Chinese ones are the number reader's own."""
MORE, LESS = "+|增长|增加|提高", "-|下降|减少"

_WORDS = re.compile(rf"(?:({'|'.join(KINDS)})\s*(?:of\b|[:：]|为|达到)?\s*)?(.*)", re.IGNORECASE)
_CHANGE = re.compile(
    rf"(?:(?P<more>\{MORE})|(?P<less>{LESS}))?\s*(?P<number>[\d.,]*\d)\s*(?P<part>[{''.join(PARTS)}])"
)
_SIZED = re.compile(rf"(.*\d)\s*({'|'.join(SIZES)})\b(.*)", re.IGNORECASE)


@dataclass(frozen=True)
class PlanTarget:
    """A target as a person says it.

    Attributes:
        of: ``sales`` of the last year, or its ``profit``.
        change: over today's, a share; ``None`` where an amount is asked.
        amount: the amount; ``None`` where a change is asked.
        currency: of the amount.
    """

    of: Kind
    change: float | None
    amount: float | None
    currency: str = "USD"


def parse_target(text: str) -> PlanTarget:
    """A target such as ``+30%``, ``profit +10%``, ``利润 2,000万元`` or ``sales 80000000``.

    Digits alone are USD of sales and CNY of profit. What stands with a counting word (万, m), or
    with ``$`` or ``¥``, needs its currency.

    Raises:
        InputError: ``planning.bad_target``; ``planning.target_currency`` where the currency is not
            clear; ``money.thousand_or_one`` for ``2.000``.
    """
    plain = unicodedata.normalize("NFKC", text).replace("−", "-").strip()
    words = _WORDS.fullmatch(plain)
    if words is None:
        raise InputError("planning.bad_target", text=text)
    kind = KINDS[(words[1] or "sales").lower()]
    if changed := _CHANGE.fullmatch(words[2]):
        share = _clear(changed["number"], text) / PARTS[changed["part"]]
        if changed["less"]:
            share = -share
        if share <= -1:
            raise InputError("planning.bad_target", text=text)
        return PlanTarget(kind, float(share), None)
    amount, currency = _amount(words[2], kind, text)
    return PlanTarget(kind, None, float(amount), currency)


def _clear(number: str, text: str) -> Decimal:
    try:
        return clear_amount(number)
    except InputError as error:
        if error.key == "money.thousand_or_one":
            raise
        raise InputError("planning.bad_target", text=text) from None


def _amount(rest: str, kind: Kind, text: str) -> tuple[Decimal, str]:
    """An amount and its currency; a sign before it would say how much more, and of what not."""
    sized = _SIZED.fullmatch(rest)
    amount: Amount | None = read_amount(sized[1] + sized[3] if sized else rest)
    if amount is None or amount.value <= 0 or re.match(r"\D*[+(-]", rest):
        raise InputError("planning.bad_target", text=text)
    if sign_of(rest) == ".?":
        number = re.search(r"(?<![\d.])[\d.]*\d", rest)
        clear_amount(number[0] if number else rest)
    if amount.currency is None and (sized or amount.counted or set(rest) & set("$¥￥")):
        size = re.sub(r"[$¥￥]", "", rest).strip()
        raise InputError("planning.target_currency", text=text, size=size)
    value = amount.value.scaleb(SIZES[sized[2].lower()]) if sized else amount.value
    return value, amount.currency or USUAL[kind]
