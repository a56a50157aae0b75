"""Names of the things a report speaks of: tiers, units, markets, rules' status, and the like.

The words themselves are in the message catalogue; this only finds the right one.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from offing.rules.ages import age_days, past_horizon
from offing.rules.citing import cited, list_name, valued
from offing.rules.rule_use import RuleUse
from offing.terms.countries import country_name
from offing.terms.messages import beside, enumerated, known, language, say
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
    return say(key) if known(key) else code


_WITH_ARTICLE = (
    "ARE BHS CAF COD COG COM CYM DOM FLK FRO GBR GMB MDV MHL MNP NLD PHL SDN SLB TCA USA VIR"
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
    return say(key) if known(key) else name.upper()


def status(name: str) -> str:
    """A rule's status in words."""
    return say(f"report.status_{name}")


def named(key: str) -> str:
    """The message ``key``, or its last part where another room has not worded it yet.

    Parts, rivals and cost lines are open lists: one added without words must not stop a report.
    """
    return say(key) if known(key) else key.rpartition(".")[2].replace("_", " ")


def holds(use: RuleUse) -> str:
    """From when to when; the day of the end is the first on which it holds no more."""
    if use.since and use.until:
        return say("report.holds_between", since=day(use.since), until=day(use.until))
    if use.since:
        return say("report.holds_since", since=day(use.since))
    return say("report.holds_until", until=day(use.until)) if use.until else ""


def shortened(text: str, most: int | None) -> str:
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
    value = shortened(valued(use), most)
    undated = "" if use.status == "user" else say("landed.holds_undated")
    is_base = use.unit == "sum" and not use.id.endswith(".customs_value")  # of a charge
    parts = (
        say("landed.charged_on" if is_base else "landed.rule_is", id=named or use.id, value=value),
        holds(use) or undated,
        status(use.status),
        cited(use.source),
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
        yield enumerated([first, *tails]), replace(use, id=first)


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


def listed(words: Iterable[str]) -> str:
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


_COUNTRIES = ("market", "markets", "destination")
_LISTS = ("lists", "chapters", "known", "costs")


_KEYS = ("about", "unknown")
"""Keys of messages without values."""
_SUMS = ("once", "yearly", "once_shipped", "yearly_shipped")
"""Amounts in the firm's currency."""


def warning(key: str, values: Mapping[str, str], cny_per_usd: float | None = None) -> str:
    """A warning in words; codes of markets become names, dollars an amount.

    Several of a thing stand in a value with a comma and a space between them, in any language.

    Args:
        key: of the message.
        values: as they are kept.
        cny_per_usd: beside a plan's sums amounts are in the firm's currency, as these.
    """
    worded = {name: _worded(name, text) for name, text in values.items()}
    if cny_per_usd is not None and "usd" in values:
        worded["usd"] = money(float(values["usd"]) * cny_per_usd, "CNY")
    said = _begun(say(key, **worded))
    if "countries" in values:
        return say(
            "report.about_countries",
            countries=countries(values["countries"].split(", ")),
            said=said,
        )
    return said


def _begun(text: str) -> str:
    """A sentence that begins with the article of a country begins with a capital letter."""
    return re.sub(r"(^|[.!?] )the (?=[A-Z])", r"\1The ", text)


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


def _worded(name: str, text: str) -> str:
    if name in _COUNTRIES:
        return countries(text.split(", "))
    if name in _LISTS:
        return listed(dict.fromkeys(map(list_name, text.split(", "))))
    if name in ("sets", "models"):
        return enumerated(text.split(", "))
    if name == "source":
        return cited(text)
    if name == "holds":
        return likelihood(float(text))
    if name in ("goods", "agreements"):
        return goods(text)
    if name in _SUMS:
        return money(float(text.replace(",", "")), "CNY")
    if text.startswith("landed.") or name in _KEYS:
        return enumerated(map(say, text.split(", ")))
    return money(float(text)) if name == "usd" else text


def goods(text: str) -> str:
    """Goods in the reader's language, of both: "bicycles|自行车"."""
    return text.split("|")[language() == "zh"]


def countries(codes: Sequence[str]) -> str:
    """Countries by name; of many only the first."""
    if len(codes) <= MANY:
        return listed(map(within, codes))
    names = enumerated(map(within, codes[:SHOWN]))
    return say("report.and_others", names=names, count=len(codes) - SHOWN)


MANY, SHOWN = 12, 8
"""Countries that a sentence names all, and of more so many."""


def joined(sentences: Iterable[str]) -> str:
    """Sentences one after another; Chinese needs no space between them."""
    return ("" if language() == "zh" else " ").join(s for s in sentences if s)


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
