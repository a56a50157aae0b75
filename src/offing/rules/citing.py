"""A rule's value and source in words: what is a citation stays, what is a remark is translated."""

import re

from offing.terms.countries import country_name
from offing.terms.messages import known, say

REMARKS = (
    (r"recalled", "recalled"),
    (r"later changes not followed", "not_followed"),
    (r"a policy rate, not a deposit quote", "policy_rate"),
    (r"an assumption; read your bank's board", "bank_board"),
    (r"an assumption; ask your bank for its NDF rate", "bank_ndf"),
    (r"tariff of one Chinese bank as published at (?P<where>\S+), undated", "bank_tariff"),
    (r"EU common customs tariff as at (?P<year>\d+), in the UK Global Tariff table", "eu_in_uk"),
    (r"UK Global Tariff from (?P<day>[\d-]+)", "uk"),
    (r"USITC tariff database, column 1", "usitc"),
    (r"RCEP Annex I, schedule of (?P<country>[A-Z]{3})", "rcep"),
    (r"Section 301, heading (?P<heading>[\d.]+)", "us301"),
    (r"Section 232 metals, annex (?P<annex>[IVAB-]+)", "us232"),
    (r"Section 122, exempt products", "us122"),
    (r"Section 122, exempt for civil aircraft", "us122_aircraft"),
    (r"Section 122, exempt for some goods of the line", "us122_some"),
    (r"Yale Budget Lab, tariff-rate-tracker, (?P<part>.+)", "tracker"),
    (r"MoF/STA Announcement (?P<year>\d{4}) No\. (?P<number>\d+)", "mof"),
    (r"MoF/STA Announcement (?P<year>\d{4}) No\. (?P<number>\d+), list (?P<list>\d)", "mof_list"),
)
"""Remarks that our own readers and rule files write as a source."""

BOUNDED = re.compile(r"(?P<rate>\S+) MIN (?P<least>\S+ \w+)/entry MAX (?P<most>\S+ \w+)/entry")
"""A rate with a least and a most amount for one entry."""

CLAIM = re.compile(r"by (?P<day>\d\d-\d\d) of the next year; (?:(?P<months>\d+) months|no end)")
"""Until when a refund may be claimed."""


def cited(source: str) -> str:
    """A rule's source for a person. Acts and addresses stay as they are.

    >>> cited("Goods and Services Tax Act, s. 16 · recalled")
    'Goods and Services Tax Act, s. 16 · from memory, the source was not read again'
    """
    return " · ".join(map(_part, source.split(" · ")))


def _part(text: str) -> str:
    for pattern, name in REMARKS:
        found = re.fullmatch(pattern, text)
        if found:
            values = found.groupdict()
            if "country" in values:
                values["country"] = country_name(values["country"])
            return say(f"landed.cited_{name}", **values)
    return text


def valued(text: str) -> str:
    """A rule's value that is no plain rate: a customs value's parts, or a bounded rate.

    >>> valued("0.3464% MIN 32.71 USD/entry MAX 634.62 USD/entry")
    '0.3464%, at least 32.71 USD and at most 634.62 USD an entry'
    """
    if found := BOUNDED.fullmatch(text):
        return say("landed.value_bounded", **found.groupdict())
    if found := CLAIM.fullmatch(text):
        end = found["months"]
        limit = say("landed.claim_months", months=end) if end else say("landed.claim_no_end")
        return say("landed.claim_by", day=found["day"], limit=limit)
    parts = text.split(" + ")
    if all(known(f"landed.base_{part}") for part in parts):
        return " + ".join(say(f"landed.base_{part}") for part in parts)
    return text
