"""Compare the law here with open encodings of others: ``python -m tools.compare_law FOLDER``.

``FOLDER`` (``make compare-law ENCODINGS=FOLDER``) has copies of other people's encodings, each in a
folder of its own, as ``git clone`` makes it:

* ``rulespec-us`` (TheAxiomFoundation/rulespec-us): headings of chapter 99 of the United States'
  tariff by day, and general rates by line, of the chapters that come with offing;
* ``vat-rates`` (kdeldycke/vat-rates): standard rates of value-added tax by country and day;
* ``tables``: any other, such as an extract of TARIC or of the United Kingdom's trade tariff, as CSV
  files with ``key, on, rate``: a rate by its name here (``gbr.vat``), or a line
  (``eur.mfn.85285900``).

What is absent is named and passed over. Of what two know, days and codes are drawn with ``--seed``.
Every difference must stand in ``docs/record/law-differences.toml`` with a reason, and every reason
there must still have its difference; else the exit code is 1. So the file shrinks only by a reason.
What cannot be read is said in a sentence, with exit code 2.
"""

import argparse
import csv
import re
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import yaml

from offing.rules.duty import AdValorem
from offing.rules.regime_file import shipped
from offing.rules.rulebook import Rate
from offing.rules.tariff import Lines
from offing.terms.interval import Interval, holding
from offing.warehouse.store import Warehouse, starter_folder

REASONS = Path(__file__).resolve().parents[1] / "docs" / "record" / "law-differences.toml"
FIRST = date(2018, 1, 1)
DRAWN = 400
"""Points of an encoding that are compared, at most."""


@dataclass(frozen=True)
class Point:
    """A rate of another's encoding on a day; ``key`` is what we call it."""

    encoding: str
    key: str
    on: date
    theirs: Decimal


class UnreadableError(Exception):
    """A copy that cannot be read: what was found, where, what was expected."""

    def __init__(self, found: str, where: object, expected: str) -> None:
        super().__init__(
            f"{found}\n  where: {where}\n  expected: {expected}\n"
            "  next: put it right, or take the folder away to pass it over"
        )


@dataclass(frozen=True)
class Difference:
    """A point of which we say something else; ``ours`` is ``None`` where we have no rate."""

    point: Point
    ours: Decimal | None

    def __str__(self) -> str:
        point = self.point
        return (
            f"{point.encoding}: {point.key} on {point.on}: theirs {point.theirs}, ours {self.ours}"
        )


def rulespec_us(folder: Path, random: Random) -> Iterator[Point]:
    """The headings of chapter 99, and the general rates of the chapters that are here."""
    root = folder / "us" / "policies" / "usitc" / "us-tariff-duty"
    if not root.is_dir():
        raise UnreadableError("No rules of the tariff.", root, "a clone of rulespec-us")
    for file in sorted((root / "overlays").rglob("*9903-*.yaml")):
        if not file.stem.endswith(".test"):
            yield from _headings(file)
    points = [
        point
        for chapter in sorted({code[:2] for code in _our_lines()})
        for point in _general_rates(root / "lines" / "generated" / f"ch{chapter}.yaml")
    ]
    yield from random.sample(points, min(DRAWN, len(points)))


def _rules(file: Path) -> list[dict[str, Any]]:
    if not file.is_file():
        return []
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return list(yaml.load(file.read_text(encoding="utf-8"), loader)["rules"] or [])
    except (yaml.YAMLError, OSError, ValueError, TypeError, KeyError) as error:
        raise UnreadableError("No rules that can be read.", file, "YAML with rules") from error


def _headings(file: Path) -> Iterator[Point]:
    """The rate of a heading from the day that its file says."""
    heading = re.search(r"9903-(\d\d)-(\d\d)", file.stem)
    plain = [r for r in _rules(file) if r["kind"] == "parameter" and r.get("dtype") == "Rate"]
    if heading is None or len(plain) != 1:
        return
    for version in plain[0]["versions"]:
        try:
            rate = Decimal(str(version.get("formula", "")).strip())
        except InvalidOperation:
            continue
        day = date.fromisoformat(str(version["effective_from"]))
        yield Point("rulespec-us", f"9903.{heading[1]}.{heading[2]}", day, rate)


def _general_rates(file: Path) -> list[Point]:
    """Lines whose ten-digit codes all have one plain rate, as of the edition of the file."""
    tables = {rule["name"]: rule["versions"][-1] for rule in _rules(file)}
    rates = next((v for name, v in tables.items() if name.endswith("_general_rate")), None)
    kinds = next(
        (v for v in tables.values() if "ad_valorem" in map(str, _values(v).values())), None
    )
    if rates is None or kinds is None:
        return []
    day = date.fromisoformat(str(rates["effective_from"]))
    by_line: dict[str, set[Decimal | None]] = {}
    for code, rate in _values(rates).items():
        plain = str(_values(kinds).get(code)) in ("ad_valorem", "free")
        line = f"{code:0>10}"[:8]
        by_line.setdefault(line, set()).add(Decimal(str(rate)) if plain else None)
    return [
        Point("rulespec-us", f"usa.mfn.{line}", day, rate)
        for line, (rate, *others) in ((line, tuple(some)) for line, some in by_line.items())
        if rate is not None and not others and line in _our_lines()
    ]


def _values(version: Mapping[str, Any]) -> Mapping[Any, Any]:
    found = version.get("values")
    return found if isinstance(found, dict) else {}


@cache
def _our_lines() -> frozenset[str]:
    lines = (
        Warehouse.open(starter_folder()).table("duty_lines").select("importer", "regime", "code")
    )
    return frozenset(code for importer, regime, code in lines.iter_rows()
                     if (importer, regime) == ("USA", "mfn"))  # fmt: skip


COUNTRIES = {
    "AT": "eur.vat.aut", "BE": "eur.vat.bel", "BG": "eur.vat.bgr", "CY": "eur.vat.cyp",
    "CZ": "eur.vat.cze", "DE": "eur.vat.deu", "DK": "eur.vat.dnk", "EE": "eur.vat.est",
    "EL": "eur.vat.grc", "ES": "eur.vat.esp", "FI": "eur.vat.fin", "FR": "eur.vat.fra",
    "GR": "eur.vat.grc", "HR": "eur.vat.hrv", "HU": "eur.vat.hun", "IE": "eur.vat.irl",
    "IT": "eur.vat.ita", "LT": "eur.vat.ltu", "LU": "eur.vat.lux", "LV": "eur.vat.lva",
    "MT": "eur.vat.mlt", "NL": "eur.vat.nld", "PL": "eur.vat.pol", "PT": "eur.vat.prt",
    "RO": "eur.vat.rou", "SE": "eur.vat.swe", "SI": "eur.vat.svn", "SK": "eur.vat.svk",
    "GB": "gbr.vat", "NO": "nor.vat", "CH": "che.vat",
}  # fmt: skip
VAT_KNOWN = date(2025, 9, 18)
"""The day of the copy that was at hand; later days need a later copy."""


def vat_rates(folder: Path, random: Random) -> Iterator[Point]:
    """The standard rate of each country on days drawn, and on the first days of both sides."""
    columns = ("territory_codes", "rate_type", "start_date", "stop_date", "rate")
    spans: dict[str, list[tuple[Interval, Decimal]]] = {}
    for where, row in _rows(folder / "vat_rates.csv", columns):
        of = {COUNTRIES[c] for c in row["territory_codes"].split() if c in COUNTRIES}
        if row["rate_type"] == "standard":
            first, last = (_day(row[name], where) if row[name] else None for name in columns[2:4])
            for key in of:
                spans.setdefault(key, []).append(
                    (Interval(first, last), _share(row["rate"], where))
                )
    days = sorted(FIRST + timedelta(random.randrange((VAT_KNOWN - FIRST).days)) for _ in range(12))
    for key, rates in sorted(spans.items()):
        spans_of_both = [*(when for when, _ in rates), *(r.when for r in shipped().series(key))]
        firsts = {when.since for when in spans_of_both if when.since is not None}
        for on in sorted({*days, *(day for day in firsts if FIRST <= day < VAT_KNOWN)}):
            for when, rate in rates:
                if when.holds(on):
                    yield Point("vat-rates", key, on, rate)
                    break


def tables(folder: Path, random: Random) -> Iterator[Point]:
    """Rows of CSV files."""
    points = [
        Point("tables", row["key"], _day(row["on"], where), _share(row["rate"], where))
        for file in sorted(folder.glob("*.csv")) or [folder / "*.csv"]
        for where, row in _rows(file, ("key", "on", "rate"))
    ]
    yield from random.sample(points, min(DRAWN, len(points)))


def _rows(file: Path, columns: tuple[str, ...]) -> Iterator[tuple[str, dict[str, str]]]:
    """Place and cells of each row of a table that has these columns."""
    expected = f"a CSV file in UTF-8 with the columns {','.join(columns)}"
    try:
        reader = csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines(True))
        lacking = [name for name in columns if name not in (reader.fieldnames or ())]
        if lacking:
            raise UnreadableError(f"No column {', '.join(lacking)}.", file, expected)
        for row in reader:
            where = f"{file}, row {reader.line_num}"
            if any(row[name] is None for name in columns):
                raise UnreadableError("A row with fewer cells.", where, expected)
            yield where, row
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnreadableError("No table that can be read.", file, expected) from error


def _day(text: str, where: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise UnreadableError(f"{text[:40]!r} is no day.", where, "such as 2024-03-01") from None


def _share(text: str, where: str) -> Decimal:
    try:
        share = Decimal(text.strip())
    except InvalidOperation:
        share = Decimal("nan")
    if not share.is_finite():
        raise UnreadableError(f"{text[:40]!r} is no rate.", where, "a share, such as 0.20 for 20 %")
    return share


READERS: Mapping[str, Callable[[Path, Random], Iterator[Point]]] = {
    "rulespec-us": rulespec_us, "vat-rates": vat_rates, "tables": tables,
}  # fmt: skip


def our_rates(key: str, on: date) -> list[Decimal]:
    """What is here under a key on a day: a rate by its name, a line, or the rates of a heading.

    Empty where there is none, or where it is no plain share.
    """
    if key.startswith("9903."):
        dated = [(when, rate) for when, rate in _of_headings().get(key, ()) if when.holds(on)]
        return [rate.share for _, rate in dated if rate.when.holds(on)]
    importer, _, code = key.upper().partition(".MFN.")
    if code:
        lines = Lines(Warehouse.open(starter_folder()), importer).of(code, "CHN", on)
        exact = [
            line.tariff().use.share for line in lines if (line.code, line.regime) == (code, "mfn")
        ]
        return [share for share in exact if share is not None]
    return [rate.share for rate in holding(shipped().series(key), on)]


@cache
def _of_headings() -> Mapping[str, list[tuple[Interval, Rate]]]:
    """Heading → the rates whose act it is, or that of the charge they are for, while that holds."""
    found: dict[str, list[tuple[Interval, Rate]]] = {}
    named = [(rate.legal, rate.when, rate) for rate in shipped().rates if _plain(rate)]
    for charge in shipped().regimes["USA"].charges:
        series = shipped().series(charge.rate or "")  # not those of each origin
        named += [(charge.legal, charge.when, rate) for rate in series if _plain(rate)]
    for legal, when, rate in named:
        for heading in headings_in(legal):
            found.setdefault(heading, []).append((when, rate))
    return found


def _plain(rate: Rate) -> bool:
    return isinstance(rate.duty, AdValorem)


def headings_in(legal: str) -> list[str]:
    """The headings of chapter 99 that an act is said by.

    >>> headings_in("HTSUS 9903.05.20, .21 and .23 to .25; U.S. note 52")
    ['9903.05.20', '9903.05.21', '9903.05.23', '9903.05.25', '9903.05.24']
    """
    found = []
    for first, rest in re.findall(r"9903\.(\d\d)\.(\d\d(?:(?:, | to | and )\.\d\d)*)", legal):
        numbers = [*map(int, re.findall(r"\d\d", rest))]
        for low, high in re.findall(r"(\d\d) to \.(\d\d)", rest):
            numbers += range(int(low) + 1, int(high))
        found += [f"9903.{first}.{number:02}" for number in numbers]
    return found


def differences(points: Iterable[Point]) -> Iterator[Difference]:
    """Points that we say otherwise; what we do not have at all on the day is one too."""
    for point in points:
        ours = our_rates(point.key, point.on)
        if point.theirs not in ours:
            yield Difference(point, ours[0] if ours else None)


def unexplained(
    found: Iterable[Difference], reasons: Iterable[Mapping[str, Any]], compared: Iterable[str]
) -> tuple[list[Difference], list[Mapping[str, Any]]]:
    """Differences without a reason, and reasons of what was compared without a difference.

    A reason is of a key (``*`` at its end is any) and of what both say; the day is only shown.
    """
    reasons = [reason for reason in reasons if reason["encoding"] in set(compared)]
    used: set[int] = set()
    bare = []
    for difference in found:
        fits = [n for n, reason in enumerate(reasons) if _fits(reason, difference)]
        used |= {*fits}
        if not fits:
            bare.append(difference)
    return bare, [reason for n, reason in enumerate(reasons) if n not in used]


def _fits(reason: Mapping[str, Any], difference: Difference) -> bool:
    point, key = difference.point, str(reason["key"])
    same = point.key.startswith(key[:-1]) if key.endswith("*") else point.key == key
    said = {"theirs": str(point.theirs), "ours": str(difference.ours)}
    return (
        same
        and reason["encoding"] == point.encoding
        and all(reason.get(name, text) == text for name, text in said.items())
    )


def main(words: list[str] | None = None) -> int:
    """Compare, print, say whether every difference has its reason; 2 where a copy is unreadable."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--reasons", type=Path, default=REASONS)
    options = parser.parse_args(words)
    found, compared = [], []
    for name, reader in READERS.items():
        if not (options.folder / name).is_dir():
            print(f"{name}: no folder of that name in {options.folder}; passed over")
            continue
        try:
            points = [*reader(options.folder / name, Random(options.seed))]
        except UnreadableError as error:
            print(f"{name}: {error}", file=sys.stderr)
            return 2
        except (KeyError, TypeError, AttributeError, ValueError, IndexError) as error:
            place, form = options.folder / name, "the form of which this file tells at its head"
            print(
                f"{name}: {UnreadableError(f'Another form: {error!r}.', place, form)}",
                file=sys.stderr,
            )
            return 2
        here = [*differences(points)]
        print(f"{name}: {len(points)} rates compared, {len(points) - len(here)} the same")
        compared.append(name)
        found += here
    if not compared:
        print("nothing to compare")
        return 1
    reasons = tomllib.loads(options.reasons.read_text(encoding="utf-8")).get("difference", [])
    bare, idle = unexplained(found, reasons, compared)
    for difference in bare:
        print(f"no reason: {difference}")
    for reason in idle:
        print(f"no difference any more: {reason['encoding']} {reason['key']}: {reason['reason']}")
    print(f"{len(found)} differences, {len(bare)} without a reason, {len(idle)} reasons left over")
    return 1 if bare or idle else 0


if __name__ == "__main__":
    sys.exit(main())
