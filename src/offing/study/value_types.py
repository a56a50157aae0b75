"""The kinds of values in a study file: how each is checked, and typed in a form."""

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from offing.ladders.ladder import rising
from offing.terms.countries import all_countries, country_code, nowhere
from offing.terms.errors import InputError
from offing.terms.exchange import given_rates
from offing.terms.hs import product_code
from offing.terms.messages import say
from offing.terms.money import clear_amount, currency_code
from offing.terms.sale_terms import RISK_ORDER, payment_term
from offing.terms.text import normal

Kind = Literal[
    "text", "name", "number", "whole", "percent", "refund", "tick", "day", "choice", "country",
    "importer", "currency", "code", "path", "table",
]  # fmt: skip
"""How a value is typed in a form."""


@dataclass(frozen=True)
class Typed:
    """How a value is typed, where its type does not say it, and what may be chosen.

    ``options`` gives the values, with their texts where no message ``key.<key>_<value>`` has them.
    """

    kind: Kind
    options: Callable[[], Mapping[str, str] | Collection[str]] | None = None


def _tier_method(text: str) -> str:
    from offing.ladders.tiers import method_name

    return method_name(text)


def _tier_methods() -> Collection[str]:
    from offing.ladders.tiers import METHODS

    return METHODS


def _shocks() -> Mapping[str, str]:
    from offing.policy.shock_file import shocks

    return {key: shock.title for key, shock in shocks().items()}


def _terms() -> Mapping[str, str]:
    return {term: say(f"settle.terms_{term}") for term in RISK_ORDER}


def _clear(value: object) -> object:
    """A number in quotes is as a person types it; one without has a decimal point."""
    return clear_amount(value) if isinstance(value, str) else value


def _percent(value: object) -> object:
    """A share: 0.13, or with its sign "13%"."""
    if not isinstance(value, str):
        return value
    if (text := normal(value)).endswith("%"):
        return clear_amount(text[:-1].strip()).scaleb(-2)
    if (share := clear_amount(text)) > 1:
        raise InputError("study.percent_sign", value=value)
    return share


def _parse_refund(value: Decimal) -> Decimal:
    if not 0 <= value <= HIGHEST_LEVY:
        most, rate = (f"{share.scaleb(2).normalize():f}%" for share in (HIGHEST_LEVY, value))
        raise InputError("study.bad_refund_rate", value=rate, most=most)
    return value


def _refund(value: object) -> object:
    """A refund rate: none was ever below 1 % but none at all, so that "13" is 13 %."""
    if isinstance(value, str) and not (text := normal(value)).endswith("%"):
        rate = clear_amount(text)
        return rate.scaleb(-2) if rate >= 1 else rate
    return _percent(value)


def _each_once(value: object) -> object:
    """Two names of one country, ``DEU`` and ``Germany``, would leave one figure unread."""
    if isinstance(value, dict):
        named: dict[str, str] = {}
        for name in map(str, value):
            other = named.setdefault(_code(name), name)
            if other != name:
                raise InputError("study.market_twice", one=other, other=name)
    return value


def _code(name: str) -> str:
    """A country's code; the name itself where nobody knows it: its own check says so."""
    with suppress(InputError):
        return country_code(name)
    return name


def _elastic(value: Decimal) -> Decimal:
    """With an elasticity of 1 or less every dearer price earns more: no price is best."""
    if value <= 1:
        raise InputError("study.not_elastic", value=value)
    return value


def _duty(value: Decimal) -> Decimal:
    """A duty as a share: 0.14 is 14 %."""
    if not 0 <= value <= HIGHEST_DUTY:
        raise InputError("study.no_duty_rate", value=value)
    return value


def _country(text: str) -> str:
    """A country that there is: nothing can be planned in the Soviet Union."""
    code = country_code(text)
    if (until := all_countries()[code].until) is not None:
        raise InputError("study.country_gone", country=code, until=until)
    if code in nowhere():
        raise InputError("study.no_country", text=text)
    return code


def _rising(values: list[Decimal]) -> list[Decimal]:
    """Limits of price bands, each above the one before."""
    rising(values, "ladder.bad_bands")
    return values


HIGHEST_LEVY = Decimal("0.17")
"""The highest rate of China's value-added tax since 1994, and so of its export refund."""
HIGHEST_DUTY = Decimal(10)
"""A duty of more than ten times the value is a percentage that was not divided by 100."""

SELDOM = object()
"""Of a key that few need: a form has it where one asks for more."""
ShockName = Annotated[str, Typed("text", _shocks)]
Percent = Annotated[Decimal, Typed("percent"), BeforeValidator(_percent)]
Amount = Annotated[Decimal, BeforeValidator(_clear)]
Country = Annotated[str, Typed("country"), AfterValidator(_country)]
CurrencyCode = Annotated[str, Typed("currency"), AfterValidator(lambda text: currency_code(text))]
TierMethod = Annotated[str, Typed("choice", _tier_methods), AfterValidator(_tier_method)]
Product = Annotated[str, Typed("code"), AfterValidator(lambda text: product_code(text))]
PaymentTerm = Annotated[str, Typed("choice", _terms), AfterValidator(lambda t: payment_term(t))]
Key = Annotated[str, Field(pattern=r"^[\w.+-]{1,40}$")]
Share = Annotated[Percent, Field(ge=0, le=1)]
RefundRate = Annotated[
    Decimal, Typed("refund"), BeforeValidator(_refund), AfterValidator(_parse_refund)
]
Positive = Annotated[Amount, Field(gt=0)]
NotNegative = Annotated[Amount, Field(ge=0)]
Elasticity = Annotated[Amount, AfterValidator(_elastic)]
DutyRate = Annotated[Percent, AfterValidator(_duty)]
Days = Annotated[int, Field(ge=0, le=1080)]
Margin = Annotated[Percent, Field(gt=-1, lt=1)]
Bands = Annotated[list[Positive], AfterValidator(_rising)]
EachOnce = BeforeValidator(_each_once)
PerUsd = Annotated[
    dict[CurrencyCode, Positive],
    EachOnce,
    AfterValidator(lambda own: given_rates(f"{code}={units:f}" for code, units in own.items())),
]
