"""Names of the things a report speaks of: tiers, units, markets, rules' status, and the like.

The words themselves are in the message catalogue; this only finds the right one.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from offing.rules.register import age_days, past_horizon
from offing.rules.rule_use import RuleUse, cite_source, list_name, value_text
from offing.terms.caution import (
    Caution,
    CountryCode,
    Dollars,
    Likelihood,
    ListName,
    Phrase,
    Reference,
    Value,
    Yuan,
)
from offing.terms.countries import country_name
from offing.terms.messages import beside, has_message, join_list, language, say
from offing.terms.numbers import day, likelihood, money, price

if TYPE_CHECKING:
    from offing.study.result import ProductResult


def tier(name: str) -> str:
    """``medium`` → "mid-priced"."""
    return say(f"report.tier_{name}")


def unit(name: str) -> str:
    """``item`` → "item", "件"."""
    return say(f"report.unit_{name}")


def segment(market: str, tier_name: str) -> str:
    """A market and a tier as one name: "Germany, high tier"."""
    return say("report.segment", market=country_name(market), tier=tier(tier_name))


def short_name(code: str) -> str:
    """A market's name where there is little room; its code where it has no short name."""
    key = f"report.short_{code.lower()}"
    return say(key) if has_message(key) else code


_WITH_ARTICLE = (
    "ARE BHS CAF COD COG COM CYM DOM EUR FLK FRO GBR GMB MDV MHL MNP NLD PHL SDN SLB TCA USA VIR"
)
"""Countries that English gives an article."""


def within(code: str) -> str:
    """A market's name inside a sentence: "the United States"."""
    name = country_name(code)
    article = language() == "en" and code in _WITH_ARTICLE and not name.startswith("The ")
    return f"the {name}" if article else name


def group(name: str) -> str:
    """``rcep`` → "RCEP"; a group without a name of its own is shown by its code."""
    key = f"report.group_{name}"
    return say(key) if has_message(key) else name.upper()


def status(name: str) -> str:
    """A rule's status in words."""
    return say(f"report.status_{name}")


def message_or_last(key: str) -> str:
    """The message ``key``, or its last part where another room has not worded it yet.

    Parts, rivals and cost lines are open lists: one added without words must not stop a report.
    """
    return say(key) if has_message(key) else key.rpartition(".")[2].replace("_", " ")


def holds(use: RuleUse) -> str:
    """From when to when; the day of the end is the first on which it holds no more."""
    if use.since and use.until:
        return say("report.holds_between", since=day(use.since), until=day(use.until))
    if use.since:
        return say("report.holds_since", since=day(use.since))
    return say("report.holds_until", until=day(use.until)) if use.until else ""


def shorten(text: str, most: int | None) -> str:
    """A text with an ellipsis after so many characters."""
    return text if most is None or len(text) <= most else f"{text[:most]}…"


def rule(use: RuleUse, most: int | None = None, *, named: str = "", on: date | None = None) -> str:
    """A rule or figure that was used: its value, from when to when, its status, its source.

    Args:
        use: the rule.
        most: characters of its value that are told; all where ``None``.
        named: in place of its own id, those of several rules that say the same.
        on: the day of the answer; with it, when somebody last looked at the document.
    """
    value = shorten(value_text(use), most)
    undated = "" if use.status == "user" else say("landed.holds_undated")
    is_base = use.unit == "sum" and not use.id.endswith(".customs_value")  # of a charge
    parts = (
        say("landed.charged_on" if is_base else "landed.rule_is", id=named or use.id, value=value),
        holds(use) or undated,
        status(use.status),
        cite_source(use.source),
        "" if on is None else last_look(use, on),
    )
    return say("landed.joint").join(part for part in parts if part)


def alike(uses: Iterable[RuleUse]) -> Iterator[tuple[str, RuleUse]]:
    """Rules that differ in nothing but their id once, with all ids: ``chn.refund.2504, 2826``."""
    groups: dict[RuleUse, list[str]] = {}
    for use in uses:
        groups.setdefault(replace(use, id=use.id.rpartition(".")[0]), []).append(use.id)
    for use, ids in groups.items():
        first, *others = ids
        tails = [id_.rpartition(".")[2] for id_ in others]
        yield join_list([first, *tails]), replace(use, id=first)


def age(use: RuleUse, on: date) -> str:
    """The age of a rule, to stand behind its status; empty where nobody looked at it."""
    days = age_days(use, on)
    return "" if days is None else say("rules.age", count=days)


def last_look(use: RuleUse, on: date) -> str:
    """When somebody last looked at a rule's document, and its age where that is long ago."""
    if use.loaded or use.status == "user":
        return ""
    age = age_days(use, on)
    if use.still_valid_on is None or age is None:
        return say("rules.not_looked_at")
    key = "rules.looked_long_ago" if past_horizon(use, on) else "rules.looked_at"
    return say(key, day=day(use.still_valid_on), count=age)


def last_year(short: tuple[date, int] | None) -> str:
    """What today's sales are of: the last twelve months, or those that the ledger has."""
    if short is None:
        return say("report.last_year")
    return say("report.last_months", first=day(short[0]), count=short[1])


def join_words(words: Iterable[str]) -> str:
    """Words in a row: "A, B and C", "甲、乙和丙"."""
    items = list(words)
    if len(items) < 2:
        return "".join(items)
    if language() == "zh":
        return beside(beside("、".join(items[:-1]), "和"), items[-1])
    return ", ".join(items[:-1]) + " and " + items[-1]


def covers(text: str) -> str:
    """What a data set covers: ``2019–2024``, or "4 January 1999 to 30 October 2026"."""
    days = re.fullmatch(r"(\d{4}-\d\d-\d\d)\s*–\s*(\d{4}-\d\d-\d\d)", text)
    if days is None:
        return text
    low, high = map(date.fromisoformat, days.groups())
    return say("report.days", low=day(low), high=day(high))


def series(phrases: Iterable[str]) -> str:
    """Phrases in a row, which may have commas inside: "A 1, B 2; C 3"."""
    return ("；" if language() == "zh" else "; ").join(phrases)


def known_part(said: str, share: float | None) -> str:
    """A conclusion with the share of the firm's sales for which it holds, where that is not all."""
    if share is None or share >= 1:
        return said
    return say("report.known_part", share=likelihood(share), said=said)


def caution_text(caution: Caution, cny_per_usd: float | None = None) -> str:
    """A caution in words, each value by its type.

    Args:
        caution: with its values.
        cny_per_usd: beside a plan's sums dollars are in the firm's currency, as these.
    """
    worded = {name: _value_text(value, cny_per_usd) for name, value in caution.values.items()}
    said = say(caution.key, **worded)
    if not caution.subject:
        return said
    return say("report.about_countries", countries=countries(caution.subject), said=said)


def first_sentence(text: str) -> str:
    """The first sentence of several, without its stop; a stop in brackets does not end one.

    >>> first_sentence("Free by 9903.05 (U.S. note 2). See your shipment.")
    'Free by 9903.05 (U.S. note 2)'
    """
    depth = 0
    for at, sign in enumerate(text):
        depth += (sign in "(（") - (sign in ")）")
        if depth == 0 and (sign == "。" or (sign == "." and text[at + 1 : at + 2] in ("", " "))):
            return text[:at]
    return text


def _value_text(value: Value, cny_per_usd: float | None) -> str:
    match value:
        case tuple() if value and isinstance(value[0], CountryCode):
            return countries([str(code) for code in value])
        case tuple() if value and isinstance(value[0], ListName):
            return join_words(dict.fromkeys(list_name(str(name)) for name in value))
        case tuple():
            return join_list(_value_text(one, cny_per_usd) for one in value)
        case Mapping():
            return value[language()]
        case CountryCode():
            return within(value)
        case ListName():
            return list_name(value)
        case Phrase():
            return say(value)
        case Reference():
            return cite_source(value)
        case Likelihood():
            return likelihood(value)
        case Yuan():
            return money(value, "CNY")
        case Dollars() if cny_per_usd is not None:
            return money(value * cny_per_usd, "CNY")
        case Dollars():
            return money(value)
    return str(value)


def countries(codes: Sequence[str]) -> str:
    """Countries by name; of many only the first."""
    return join_words(map(within, codes)) if len(codes) <= MANY else some_of([*map(within, codes)])


def some_of(names: Sequence[str], key: str = "report.and_others") -> str:
    """Names in one line; of many only the first, and how many more there are."""
    if len(names) <= MANY:
        return join_list(names)
    return say(key, names=join_list(names[:SHOWN]), count=len(names) - SHOWN)


MANY, SHOWN = 12, 8
"""Names that a sentence says all, and of more so many."""


def join_sentences(sentences: Iterable[str]) -> str:
    """Sentences one after another; Chinese needs no space between them."""
    return ("" if language() == "zh" else " ").join(s for s in sentences if s)


def finding(title: str, name: str, value: str, how: str = "first") -> str:
    """The title of a picture: what is ``first``, ``changes`` or ``weighs`` most, of what."""
    return say(f"report.finding_{how}", title=title, name=name, value=value)


def price_per(value: float, unit_name: str) -> str:
    """``USD 512 per item``, ``512 美元/件``."""
    return say("report.price_per", price=price(value), unit=unit(unit_name))


def band(low: float | None, high: float | None) -> str:
    """A price band by its bounds: "under USD 500", "USD 500 to 5,000", "USD 5,000 and above"."""
    if low is None and high is None:
        return say("report.band_all")
    if low is None:
        return say("report.band_under", high=price(high or 0))
    if high is None:
        return say("report.band_from", low=price(low))
    return say("report.band_between", low=price(low), high=price(high))


def once_a_code(products: "Iterable[ProductResult]") -> "list[ProductResult]":
    """The first model of each HS code: what the world trades is the same for its others."""
    return list({p.code or p.product: p for p in reversed(list(products))}.values())[::-1]


def product(result: "ProductResult") -> str:
    """A product's name."""
    return result.name(language())
