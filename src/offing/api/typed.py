"""Values of a request as a person types them (``"560 USD"``, ``"13%"``) or as Python has them."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from offing.api.asking import Named, pairs
from offing.landed.shipment import money_of
from offing.rules.reform import Reform, read_reform
from offing.terms.errors import InputError, must_be_within
from offing.terms.exchange import given_rates
from offing.terms.money import Money, currency_code, exact, rate
from offing.terms.text import normal, units

Amount = str | int | Decimal | Money | None
"""An amount of money, in a currency of its own where it names one."""
Number = str | int | Decimal | None
"""An exact number; binary floats are refused."""

Share = str | Decimal
"""``"13%"`` or ``Decimal("0.13")``."""
File = Path | str | None
Paths = Sequence[Path | str] | Path | str | None


def money(value: Amount, currency: str) -> Money | None:
    """An amount, in ``currency`` where it names no other.

    Raises:
        InputError: ``landed.bad_money``, ``landed.share_for_money`` for a share,
            ``money.not_exact`` for a float.

    >>> print(money("560 usd", "CNY"), money(Decimal(5), "CNY"))
    USD 560 CNY 5
    """
    if value is None or isinstance(value, Money):
        return value
    if is_percent(value):
        raise InputError("landed.share_for_money", text=value)
    return money_of(value, currency) if isinstance(value, str) else Money(exact(value), currency)


def price(value: Amount, currency: str) -> Money | None:
    """What a buyer pays: an amount above zero.

    Raises:
        InputError: ``landed.price_not_positive``, and those of :func:`money`.
    """
    asked = money(value, currency)
    if asked is not None and not asked.amount > 0:
        raise InputError("landed.price_not_positive", value=asked)
    return asked


def is_percent(value: object) -> bool:
    """Whether it is a share with its sign: ``"2%"``, ``"２％"``."""
    return isinstance(value, str) and normal(value).endswith("%")


def money_in(currency: str, value: Amount, name: str) -> Decimal:
    """An amount of a name, that must be in one currency; nothing where it is not given.

    Raises:
        InputError: ``money.not_in``, ``landed.bad_money``, ``errors.out_of_range``.
    """
    given = money(value, currency) or Money(Decimal(0), currency)
    if given.currency != currency:
        raise InputError("money.not_in", name=name, given=given, currency=currency)
    must_be_within(name, given.amount, ge=0)
    return given.amount


def number(value: Number) -> Decimal | None:
    """An exact number."""
    return None if value is None else exact(value)


NO_CURRENCY = "XXX"
"""Of ISO 4217: no currency is involved."""


def quantity(value: Number, unit: str) -> Decimal | None:
    """How many of a unit: a number, with its own name of the unit or without.

    Raises:
        InputError: ``landed.bad_quantity`` for money, and those of :func:`money`.

    >>> quantity("1.5万台", "item"), quantity("20 dozen", "item"), quantity("2 t", "kg")
    (Decimal('15000'), Decimal('240'), Decimal('2000'))
    """
    if not isinstance(value, str):
        return number(value)
    text, times = normal(value).casefold(), Decimal(1)
    for name, (kind, of_ours) in units().items():
        if kind == unit and text.endswith(name):
            text, times = text.removesuffix(name), of_ours
            break
    try:
        found = money_of(text, NO_CURRENCY)
    except InputError as error:
        if error.key != "landed.bad_money":
            raise
        found = None
    if found is None or found.currency != NO_CURRENCY:
        raise InputError("landed.bad_quantity", text=value, unit=unit)
    return exact(f"{found.amount * times:f}".removesuffix(".0"))


def percent_or_number(value: Number, name: str) -> Decimal | None:
    """An exact number, or a share with its sign.

    >>> percent_or_number("0.3%", "rate"), percent_or_number("0.003", "rate")
    (Decimal('0.003'), Decimal('0.003'))
    """
    return rate(str(value), name=name) if is_percent(value) else number(value)


def share(value: Share, name: str, *, whole: bool = False) -> Decimal:
    """A share: ``"13%"`` or ``0.13``; with ``whole`` also one itself.

    Raises:
        InputError: ``refund.bad_rate`` where it is not one.

    >>> share("13%", "levy"), share("100%", "cover", whole=True)
    (Decimal('0.13'), Decimal('1'))
    """
    if whole and normal(str(value)).strip() in ("100%", "1", "1.0"):
        return Decimal(1)
    return rate(value, name=name)


def shares(values: Named, option: str, *, signed: bool = False) -> dict[str, Decimal]:
    """Currencies with their shares; several may stand in one text, with commas between.

    Args:
        values: as typed, or a mapping.
        option: where they are typed, for the error.
        signed: whether one may be below zero, such as an interest rate.

    Raises:
        InputError: ``errors.bad_pair``, ``refund.bad_rate``, or an unknown currency.

    >>> shares(["USD=4.1%,CHF=-0.5%"], "--interest", signed=True)
    {'USD': Decimal('0.041'), 'CHF': Decimal('-0.005')}
    """
    if not isinstance(values, Mapping):
        values = [piece for text in as_list(values) for piece in text.replace("，", ",").split(",")]
    by_currency: dict[str, Decimal] = {}
    for name, value in pairs(values).items():
        text = str(value).strip()
        below = signed and text.startswith("-")
        size = rate(text.removeprefix("-") if below else text, name=option)
        by_currency[currency_code(name)] = -size if below else size
    return by_currency


def per_dollar(values: Named) -> dict[str, Decimal]:
    """Exchange rates: units of each currency for one US dollar.

    Raises:
        InputError: ``landed.bad_rate``, or an unknown currency.
    """
    if isinstance(values, Mapping):
        values = [f"{name}={value}" for name, value in values.items()]
    return given_rates(as_list(values))


def reforms_of(files: Paths) -> list[Reform]:
    """The reforms in some files, in their order."""
    return [read_reform(Path(path)) for path in as_list(files)]


def as_list(values: Iterable[Any] | str | Path | None) -> list[Any]:
    """One or several, as a list.

    >>> as_list("EUR"), as_list(None), as_list(("EUR", "CNY"))
    (['EUR'], [], ['EUR', 'CNY'])
    """
    if values is None:
        return []
    return [values] if isinstance(values, str | Path) else list(values)
