"""The kinds of values in a study file, checked as they are read."""

from contextlib import suppress
from decimal import Decimal
from itertools import pairwise
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from offing.terms.amounts import clear_amount
from offing.terms.countries import GEOGRAPHY_OF, all_countries, country_code
from offing.terms.currencies import currency_code
from offing.terms.errors import InputError
from offing.terms.hs import product_code
from offing.terms.messages import enumerated
from offing.terms.payment import payment_term
from offing.terms.text import normal


class Section(BaseModel):
    """A table of the study file: unknown keys are refused, values do not change."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, str_strip_whitespace=True, defer_build=True
    )


class Names(Section):
    """A name in both languages; one text stands for both."""

    en: str
    zh: str

    @model_validator(mode="before")
    @classmethod
    def _one_text(cls, value: object) -> object:
        return {"en": value, "zh": value} if isinstance(value, str) else value


def _tier_method(text: str) -> str:
    from offing.ladders.tiers import method_name

    return method_name(text)


def _clear(value: object) -> object:
    """A number in quotes is as a person types it; one without has a decimal point."""
    return clear_amount(value) if isinstance(value, str) else value


def _percent(value: object) -> object:
    """A share: 0.13, or with its sign "13%"."""
    if isinstance(value, str) and (text := normal(value)).endswith("%"):
        return clear_amount(text[:-1].strip()).scaleb(-2)
    return _clear(value)


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
    if all_countries()[code].kind == "unspecified" and code not in GEOGRAPHY_OF:
        raise InputError("study.no_country", text=text)
    return code


def _rising(values: list[Decimal]) -> list[Decimal]:
    """Limits of price bands, each above the one before."""
    if any(high <= low for low, high in pairwise(values)):
        raise InputError("study.bands_fall", bands=enumerated(map(str, values)))
    return values


HIGHEST_DUTY = Decimal(10)
"""A duty of more than ten times the value is a percentage that was not divided by 100."""

Country = Annotated[str, AfterValidator(_country)]
CurrencyCode = Annotated[str, AfterValidator(lambda text: currency_code(text))]
TierMethod = Annotated[str, AfterValidator(_tier_method)]
Product = Annotated[str, AfterValidator(lambda text: product_code(text))]
PaymentTerm = Annotated[str, AfterValidator(lambda text: payment_term(text))]
Key = Annotated[str, Field(pattern=r"^[\w.+-]{1,40}$")]
Share = Annotated[Decimal, BeforeValidator(_percent), Field(ge=0, le=1)]
Positive = Annotated[Decimal, BeforeValidator(_clear), Field(gt=0)]
NotNegative = Annotated[Decimal, BeforeValidator(_clear), Field(ge=0)]
Elasticity = Annotated[Decimal, BeforeValidator(_clear), AfterValidator(_elastic)]
DutyRate = Annotated[Decimal, BeforeValidator(_percent), AfterValidator(_duty)]
Days = Annotated[int, Field(ge=0, le=1080)]
Margin = Annotated[Decimal, Field(gt=-1, lt=1)]
Bands = Annotated[list[Positive], AfterValidator(_rising)]
EachOnce = BeforeValidator(_each_once)
