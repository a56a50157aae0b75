"""The tariffs of Japan, the Eurasian Economic Union, Australia and Indonesia, by their texts.

Which one a table is, its headings say:

* ``code, 基本, 暫定, WTO協定, … EPA_RCEP_中国``: Japan Customs. For a member of the WTO the
  temporary rate holds where there is one, else the WTO rate unless it stands in brackets
  (not the lower one), else the general one. Rates for goods of China under RCEP are lines of their
  own.
* ``code, duty_text`` of ten digits: the Eurasian Union, one tariff of its five members, such as
  ``10%, но не менее 25.5 EUR за 1 шт``.
* ``code, statistical_code, duty_text``: Australia's Working Tariff; the general rate stands before
  those of countries (``5% DCS4% DCT5%``), later ones after ``From 1 July 2019``.
* ``code, import_duty_pct``: Indonesia's BTKI.

A text that is not understood is never guessed at: its line goes to the quarantine.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

import polars as pl

from offing.sources.about import About
from offing.sources.headings import official
from offing.sources.rows import tables
from offing.sources.staging import Staging
from offing.sources.trade_checks import bad_code, duty_lines
from offing.terms.countries import EURASIAN
from offing.terms.errors import InputError
from offing.terms.messages import join_list

ABOUT = About("tariff-national", ("duty_lines",), "https://www.customs.go.jp/english/tariff/")
Dated = tuple[str, date | None, date | None]
"""An expression with its first day and the first day after it."""

_N = r"\d[\d,]*(?:\.\d+)?"
_JAPANESE = {
    "kg": "kg", "kl": "kl", "l": "l", "㎡": "m2", "m2": "m2", "足": "pair", "頭": "item",
    "本": "item", "枚": "item", "mt": "t",
}  # fmt: skip
_RUSSIAN = {
    "кг": "kg", "л": "l", "т": "t", "шт": "item", "пар": "pair", "м2": "m2", "см3": "cm3",
    "1000 шт": "1000 item",
}  # fmt: skip


def japanese(text: str) -> str | None:
    """A Japanese rate as an expression.

    >>> japanese("25%又は60円/kgのうちいずれか高い税率"), japanese("無税")
    ('25% MIN 60 JPY/kg', 'Free')
    >>> japanese("(73.70円−課税価格)/kg")
    'MIP 73.70 JPY/kg'
    """
    plain = re.sub(r"[\s◎※*]", "", unicodedata.normalize("NFKC", text))
    while re.fullmatch(r"\((?![^()]*[−-]課税価格)[^()]*\)", plain):
        plain = plain[1:-1]
    if price := re.fullmatch(rf"\(({_N})円[−-]課税価格\)/(\w+)", plain):
        unit = _JAPANESE.get(price[2])
        return unit and f"MIP {price[1].replace(',', '')} JPY/{unit}"
    if least := re.fullmatch(
        r"(.+)のうちいずれか低い税率ただしその税率が(.+)を下回る場合は\2", plain
    ):
        first, sign, second = least[1].partition("又は")
        return (
            _join_parts(_yen_rate(first), "MAX", _yen_rate(second), "MIN", _yen_rate(least[2]))
            if sign
            else None
        )
    if higher := re.fullmatch(r"(.+?)又は(.+)のうちいずれか(高|低)い税率", plain):
        bound = "MIN" if higher[3] == "高" else "MAX"
        return _join_parts(_yen_rate(higher[1]), bound, _yen_rate(higher[2]))
    return _yen_rate(plain)


def _join_parts(*parts: str | None) -> str | None:
    return None if None in parts else " ".join(part for part in parts if part)


def _yen_rate(text: str) -> str | None:
    """A sum of shares and amounts in yen."""
    terms = []
    for term in text.split("+"):
        if term in ("無税", "免税"):
            terms.append("Free")
        elif re.fullmatch(rf"{_N}%", term):
            terms.append(term)
        elif amount := re.fullmatch(rf"({_N})円/([\d,]*)(\D.*)", term):
            unit = _JAPANESE.get(amount[3].lower())
            if unit is None:
                return None
            count = f"{amount[2].replace(',', '')} " if amount[2] else ""
            terms.append(f"{amount[1].replace(',', '')} JPY/{count}{unit}")
        else:
            return None
    return " + ".join(terms)


def japan_rate(general: str, temporary: str, wto: str) -> str | None:
    """The rate that holds for a member of the WTO.

    The difference to a standard import price (差額関税, of pork) is an amount from elsewhere, as
    the European Union's entry price is.

    >>> japan_rate("10%", "", "(12%)"), japan_rate("10%", "", "8%"), japan_rate("10%", "無税", "8%")
    ('10%', '8%', 'Free')
    """
    if temporary.strip():
        return "entry price" if "基準輸入価格" in temporary else japanese(temporary)
    wto = unicodedata.normalize("NFKC", re.sub(r"[\s*◎※]", "", wto))
    without = re.sub(r"\([^()]*\)", "", wto).strip("〜~又は、●")
    if not wto or not without:  # nothing, or all of it in brackets: not the lower one
        return japanese(general)
    return japanese(wto)


def russian(text: str) -> str | None:
    """A rate of the Eurasian Union.

    >>> russian("10%, но не менее 25.5 EUR за 1 шт"), russian("0"), russian("250 USD за 1 т")
    ('10% MIN 25.5 EUR/item', 'Free', '250 USD/t')
    """
    plain = re.sub(r"\s+", " ", text.strip()).replace("евро", "EUR")
    if re.fullmatch(rf"{_N}%?", plain):
        share = plain.rstrip("%")
        return "Free" if not float(share.replace(",", "")) else f"{share}%"
    match = re.fullmatch(
        rf"(?:({_N})%(, но не менее| плюс) )?({_N}) (EUR|USD) за (?:1 )?(1000 шт|см3, мл|\w+)",
        plain,
    )
    unit = match and _RUSSIAN.get(match[5].removesuffix(", мл"))
    if not match or not unit:
        return None
    amount = f"{match[3]} {match[4]}/{unit}"
    if match[1] is None:
        return amount
    return f"{match[1]}% {'+' if 'плюс' in match[2] else 'MIN'} {amount}"


_MONTHS = {"January": 1, "July": 7}
_AUSTRALIAN = {
    "kg": "kg", "l": "l", "stick": "item", "l of alcohol": "l alcohol",
    "kg of tobacco content": "kg tobacco", "kg tss": "kg tss",
}  # fmt: skip


def australian(text: str) -> list[Dated] | None:
    """The general rates, each with its days.

    >>> australian("5% DCS4% DCT5%")
    [('5%', None, None)]
    >>> australian("5% CAFree From1July2018 2.5% From1July2019 Free")[2]
    ('Free', datetime.date(2019, 7, 1), None)
    """
    plain = re.sub(r"\s+", " ", re.sub("[\u200b\ufeff]", "", text)).strip()
    pieces = re.split(r"From\s*(\d{1,2})\s*(January|July)\s*(\d{4})", plain)
    first, rest = pieces[0].strip(), pieces[1:]
    steps: list[tuple[date | None, str]] = [(None, first)] if first else []
    for day, month, year, rate in zip(*(rest[at::4] for at in range(4)), strict=True):
        steps.append((date(int(year), _MONTHS[month], int(day)), rate.strip()))
    dated: list[Dated] = []
    for at, (since, rate) in enumerate(steps):
        expression = _general(rate)
        if expression is None:
            return None
        until = steps[at + 1][0] if at + 1 < len(steps) else None
        dated.append((expression, since, until))
    return dated or None


def _general(text: str) -> str | None:
    """The rate that stands before those of countries."""
    if re.match(r"Free(?![a-z])", text):
        return "Free"
    text = re.sub(r", calculated on that alcohol content .* exceeds 1\.15\b.*", " over 1.15", text)
    match = re.match(
        rf"(?:({_N})%)?(, and |, or, if lower, )?(?:\$({_N})/(L of alcohol over 1\.15|L of alcohol"
        rf"|kg of tobacco content|kg TSS|kg|L|stick)(?![a-z]))?",
        text,
    )
    if match is None or not (match[1] or match[3]) or "plus" in text:
        return None
    share = match[1] and f"{match[1]}%"
    if match[3] is None:
        return share if not match[2] else None
    name = match[4].lower()
    unit = "l alcohol over 1.15%" if "over" in name else _AUSTRALIAN[name]
    amount = f"{match[3].replace(',', '')} AUD/{unit}"
    if share is None:
        return amount
    return f"{share} {'MAX' if 'lower' in (match[2] or '') else '+'} {amount}"


def indonesian(text: str) -> str | None:
    """A rate of Indonesia: per cent, or rupiah for a kilogram, a litre or a minute.

    >>> indonesian("5"), indonesian("14.000,-/liter"), indonesian("450,-/kg")
    ('5%', '14000 IDR/l', '450 IDR/kg')
    """
    plain = text.strip()
    if re.fullmatch(r"\d{1,3}([.,]\d+)?", plain):
        plain = plain.replace(",", ".")
        return "Free" if not float(plain) else f"{plain}%"
    amount = re.fullmatch(r"([\d.]+),?-/(kg|liter|menit)", plain)
    if amount is None:
        return None
    unit = {"kg": "kg", "liter": "l", "menit": "minute"}[amount[2]]
    return f"{amount[1].replace('.', '')} IDR/{unit}"


def _undated_rates(expression: str | None) -> list[Dated] | None:
    return None if expression is None else [(expression, None, None)]


Row = dict[str, str]


_TEXTS: dict[str, tuple[Callable[[Row], list[Dated] | None], str]] = {
    "JPN": (
        lambda row: _undated_rates(japan_rate(row["general"], row["temporary"], row["wto"])),
        r"^\d{9}$",
    ),
    "EAEU": (lambda row: _undated_rates(russian(row["duty"])), r"^\d{10}$"),
    "AUS": (lambda row: australian(row["duty"]), r"^\d{8}$"),
    "IDN": (lambda row: _undated_rates(indonesian(row["duty"])), r"^\d{8}$"),
}
"""Whose → how its rates are read, and what a code looks like."""


def whose(names: Iterable[str]) -> str | None:
    """Whose tariff has these headings; ``None`` for another table.

    >>> whose(["code", "duty_text"]), whose(["code", "statistical_code", "duty_text"])
    ('EAEU', 'AUS')
    """
    headings = {name.strip().casefold() for name in names}
    if {"code", "基本", "wto協定"} <= headings:
        return "JPN"
    if {"code", "import_duty_pct"} <= headings:
        return "IDN"
    if {"code", "duty_text"} <= headings:
        return "AUS" if "statistical_code" in headings else "EAEU"
    return None


def read(paths: list[Path], staging: Staging) -> None:
    """Read the tables into ``duty_lines``, regimes ``mfn`` and, of Japan, ``rcep`` for China."""
    for table in tables(paths, staging, lambda names: whose(names) is not None, heading="code"):
        importer = whose(table.header)
        if importer is None:
            there = join_list(filter(None, table.header))
            raise InputError("reference.whose_tariff", where=table.where(), columns=there)
        understood, code = _TEXTS[importer]
        layout = official("japan" if importer == "JPN" else "duty_texts")
        rates = [name for name in layout.names if name not in ("code", "description")]
        rows = table.read(layout).with_columns(pl.col(rates).fill_null(""))
        if importer != "JPN":  # a heading, or a statistical line under a line of the tariff
            rows = rows.filter(pl.col("duty").str.strip_chars("\u200b ") != "")
        once = [name for name in rates if name != "rcep"]
        rows = rows.unique(["code", *once], keep="first", maintain_order=True)
        dated = [understood(row) is not None for row in rows.iter_rows(named=True)]
        rows = table.check(
            rows.with_columns(pl.Series("dated", dated, dtype=pl.Boolean)),
            {
                "reference.bad_tariff_code": bad_code(code),
                "reference.rate_not_read": ~pl.col("dated"),
            },
            once=["code"],
        )
        lines = _lines(rows, understood)
        for member in EURASIAN if importer == "EAEU" else (importer,):
            source = f"@tariff_national|country={member}"
            staging.frame("duty_lines", duty_lines(lines, importer=member, source=source))
        if importer == "JPN":
            preferred = rows.filter(pl.col("rcep") != "")
            lines = _lines(preferred, lambda row: _undated_rates(japanese(row["rcep"])))
            if unread := preferred.height - lines.height:
                staging.note("reference.preference_not_read", count=unread)
            of_china = duty_lines(lines, "rcep", importer="JPN", partner="CHN", source=source)
            staging.frame("duty_lines", of_china)


def _lines(rows: pl.DataFrame, understood: Callable[[Row], list[Dated] | None]) -> pl.DataFrame:
    """The lines of a tariff: a row for each rate and its days."""
    lines = [
        (row["code"], row["description"], *step)
        for row in rows.iter_rows(named=True)
        for step in understood(row) or ()
    ]
    texts = dict.fromkeys(("code", "description", "expression"), pl.String())
    days = dict.fromkeys(("since", "until"), pl.Date())
    return pl.DataFrame(lines, schema={**texts, **days}, orient="row")
