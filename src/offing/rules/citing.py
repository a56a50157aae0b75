"""A rule's value and source in words: made at the very end, from data alone.

A source is written as parts joined by `` · ``. A part that begins with ``@`` is a remark of ours,
its key and its values, such as ``@uk|day=2021-01-01``: it is said in the language of the reader.
All other parts are acts, addresses and names of documents, and stay as they are written.
"""

import re
from decimal import Decimal

from offing.rules.duty import Bounded
from offing.rules.duty_text import parse_duty
from offing.rules.rule_use import RuleUse
from offing.terms.countries import country_name
from offing.terms.messages import has_message, say


def cite_source(source: str) -> str:
    """A rule's source for a person.

    >>> cite_source("Goods and Services Tax Act, s. 16 · @recalled")
    'Goods and Services Tax Act, s. 16 · from memory, the source was not read again'
    """
    return " · ".join(
        _remark(part) if part.startswith("@") else part for part in source.split(" · ")
    )


def remark_values(text: str) -> dict[str, str]:
    """What a remark such as ``@wits|year=2019|lines=3`` says."""
    return dict(pair.partition("=")[::2] for pair in text.split("|")[1:])


def _remark(text: str) -> str:
    key, values = text.removeprefix("@").partition("|")[0], remark_values(text)
    if "country" in values:
        values["country"] = country_name(values["country"])
    name = f"landed.cited_{key}"
    return say(name, **values) if has_message(name) else text


def list_name(name: str) -> str:
    """A product list by the name of its charge; others by their act, or as they stand.

    >>> list_name("us301_4a"), list_name("us301_2024_25"), list_name("electric_cars")
    ('Section 301, list 4A', 'a list of Section 301', 'electric cars')
    """
    for key in (f"line_{name}", f"list_{name}", f"list_{name.partition('_')[0]}"):
        if has_message(f"landed.{key}"):
            return say(f"landed.{key}")
    return name.replace("_", " ")


def percent(share: Decimal) -> str:
    """``0.2`` → ``20%``.

    >>> percent(Decimal("0.0345")), percent(Decimal(22) / 78)
    ('3.45%', '28.205128%')
    """
    return f"{round(share * 100, 6).normalize():f}%"


def value_text(use: RuleUse) -> str:
    """A rule's value for a person.

    >>> value_text(RuleUse("usa.mpf", "0.3464% MIN 32.71 USD/entry MAX 634.62 USD/entry",
    ...     None, None, "", "official"))
    '0.3464%, at least 32.71 USD and at most 634.62 USD an entry'
    """
    inputs = dict(use.inputs)
    if use.unit == "duty":
        return _duty(use.value)
    if use.unit == "sum":
        return " + ".join(map(_base, use.value.split(" + ")))
    if use.unit == "claim_day":
        end = inputs["limit_months"]
        limit = say("landed.claim_months", months=end) if end else say("landed.claim_no_end")
        return say("landed.claim_by", day=use.value, limit=limit)
    if use.unit != "share":
        key = f"landed.value_{use.unit}"
        return say(key, value=use.value, **inputs) if has_message(key) else use.value
    share = percent(Decimal(use.value))
    if "levy_rate" in inputs:
        return say("landed.value_refund", refund=share, levy=percent(Decimal(inputs["levy_rate"])))
    parts = " + ".join(percent(Decimal(rate)) for rate in inputs.values())
    return f"{parts} = {share}" if parts else share


def _duty(text: str) -> str:
    """A duty with a least and a most amount for one entry in words; others as they are written."""
    duty = parse_duty(text) if "/entry" in text else None
    if not isinstance(duty, Bounded) or duty.least is None or duty.most is None:
        return text
    least, most = (str(bound).removesuffix("/entry") for bound in (duty.least, duty.most))
    return say("landed.value_bounded", rate=str(duty.duty), least=least, most=most)


def _base(name: str) -> str:
    """A part of a sum, as it stands inside a sentence; an abbreviation keeps its capitals."""
    for key in (f"landed.base_{name}", f"landed.line_{name}"):
        if has_message(key):
            return re.sub(r"^[A-Z](?=[a-z])", lambda first: first[0].lower(), say(key))
    return name
