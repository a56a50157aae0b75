"""HS codes as text, their editions, and what became of a code from one edition to the next.

A code has 2, 4 or 6 digits internationally; importers add more (8 in the EU and the UK's
commodity codes have 10, the US has 10, China declares 10). Only the first six join countries. The
changes are of six digits, from one edition to the one after it; further ones are chained.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache

from offing.terms.caution import Caution
from offing.terms.errors import InputError
from offing.terms.files import shipped_rows
from offing.terms.messages import join_list
from offing.terms.products import codes_like, codes_named, nomenclature, product_called

YEARS = ("1992", "1996", "2002", "2007", "2012", "2017", "2022")
"""Of the editions."""
EDITIONS = {f"H{number}": year for number, year in enumerate(YEARS)}
"""Comtrade's classification code → HS edition year. BACI writes HS92, HS96, HS02 … HS22."""

LEVELS = (2, 4, 6)


def edition_of(text: str) -> str:
    """The edition year of ``H5``, ``HS17``, ``2017`` or ``HS2017``.

    Raises:
        InputError: ``hs.unknown_edition``.

    >>> edition_of("HS92"), edition_of("H6")
    ('1992', '2022')
    """
    name = text.strip().upper()
    if name in EDITIONS:
        return EDITIONS[name]
    digits = name.removeprefix("HS")
    for year in EDITIONS.values():
        if digits in (year, year[2:]):
            return year
    raise InputError("hs.unknown_edition", text=text, known=join_list(EDITIONS.values()))


def product_code(text: str) -> str:
    """A code of 2, 4 or 6 digits, as text; dots and spaces inside are dropped.

    A word that names one heading is that heading: see :mod:`offing.terms.products`.

    Raises:
        InputError: ``hs.lost_zero`` for 1, 3 or 5 digits, ``hs.which_product`` for a word that
            names several, ``hs.unknown_product`` for one that is not known, ``hs.bad_code``
            otherwise.

    >>> product_code("8528.72"), product_code("电视机"), product_code("Televisions")
    ('852872', '8528', '8528')
    """
    if (named := code_by_word(text)) is not None:
        return named
    code = digits_of(text)
    if code.isascii() and code.isdigit():
        if len(code) in LEVELS:
            return code
        if len(code) in (1, 3, 5):
            raise InputError("hs.lost_zero", code=code, padded=code.zfill(len(code) + 1))
    raise InputError("hs.bad_code", code=text)


def digits_of(text: str) -> str:
    """A code without dots and spaces, and without the ``.0`` of a spreadsheet's number.

    >>> digits_of("8528.72"), digits_of("852872.0")
    ('852872', '852872')
    """
    code = str(text).strip().replace(" ", "")
    if code.endswith(".0") and code.count(".") == 1:
        code = code[:-2]
    return code.replace(".", "")


def finest(codes: Iterable[str]) -> list[str]:
    """Codes that have no finer one among them, in order: a sum and its parts do not both count.

    >>> finest(["8528", "85", "852872", "8507"])
    ['8507', '852872']
    """
    every = set(codes)
    above = {code[:digits] for code in every for digits in range(2, len(code))}
    return sorted(every - above)


def code_by_word(text: str) -> str | None:
    """The code that a word names; ``None`` where the text has no letters.

    Raises:
        InputError: ``hs.which_product``, ``hs.unknown_product``.
    """
    plain = str(text).strip()
    if plain.isascii() and not re.search("[A-Za-z]{2}", plain):
        return None
    named = codes_named(plain)
    if len(named) == 1:
        return named[0]
    codes = named or codes_like(plain)
    key = "hs.which_product" if named else "hs.unknown_product" if codes else "hs.bad_code"
    listed = "; ".join(map(product_called, codes))
    raise InputError(key, code=plain[:60], text=plain[:60], listed=listed, codes=codes)


@cache
def telling_codes() -> tuple[str, ...]:
    """Codes of much trade that not every edition has: they tell which one a table is of."""
    return tuple(row["code"] for row in shipped_rows("offing.terms", "data/hs_signs.csv"))


def invalid_codes(codes: Collection[str], edition: str) -> list[str]:
    """The telling ones among the codes that the edition does not have."""
    return sorted({*codes} & {*telling_codes()} - codes_of(edition))


def fitting(codes: Collection[str]) -> frozenset[str]:
    """The editions that the codes may be of; one stray code is forgiven.

    >>> sorted(fitting(["850760", "870380", "870340", "854140", "851712"]))
    ['2017']
    >>> len(fitting(["850760"]))  # one code proves nothing
    7
    """
    counts = {edition: len(invalid_codes(codes, edition)) for edition in YEARS}
    return frozenset(e for e, count in counts.items() if count <= max(1, min(counts.values())))


NO_CHAPTERS = ("00", "77", "98", "99")
"""Chapters that the Harmonized System has not: kept free, or each country's own."""


def is_obsolete(code: str, year: int) -> bool:
    """Whether a code is in no edition of a year: it has left, has not come, or never was.

    >>> is_obsolete("852812", 2024), is_obsolete("852872", 2024), is_obsolete("999999", 2024)
    (True, False, True)
    """
    edition = _edition_in(year)
    return code[:2] in NO_CHAPTERS or (len(code) >= 6 and code[:6] not in codes_of(edition))


def _edition_in(year: int) -> str:
    return max((start for start in YEARS if int(start) <= year), default=YEARS[0])


Links = Mapping[str, frozenset[str]]
"""Code of one edition → those of another that its goods are in; a code that is not in it stayed."""


@cache
def _changes() -> dict[str, dict[str, frozenset[str]]]:
    """Edition → code of the one before (empty where there was none) → codes in it."""
    found: dict[str, dict[str, frozenset[str]]] = defaultdict(dict)
    for row in shipped_rows("offing.terms", "data/hs_changes.csv"):
        found[row["edition"]][row["before"]] = frozenset(row["after"].split("|"))
    return found


@cache
def codes_of(edition: str) -> frozenset[str]:
    """The codes of six digits that an edition has.

    >>> "851712" in codes_of("2017"), "851712" in codes_of("2022"), len(codes_of("1992"))
    (True, False, 5020)
    """
    if edition == YEARS[-1]:
        return frozenset(code for code in nomenclature() if len(code) == 6)
    after = YEARS[YEARS.index(edition) + 1]
    changes = _changes()[after]
    come = frozenset[str]().union(*changes.values())
    return (codes_of(after) - come) | (changes.keys() - {""})


@cache
def links(source: str, target: str) -> Links:
    """The codes of an edition that changed until another one, each with what it is there.

    Args:
        source: year of the edition that codes are given in.
        target: year of that in which they are wanted, before or after it.

    >>> sorted(links("2017", "2022")["851712"]), links("2022", "2017")["851713"]
    (['851713', '851714'], frozenset({'851712'}))
    """
    at, to = YEARS.index(source), YEARS.index(target)
    way = 1 if to > at else -1
    reached: dict[str, frozenset[str]] = {}
    for place in range(at, to, way):
        step = _changes()[YEARS[max(place, place + way)]]
        step = {code: codes for code, codes in step.items() if code}
        if way < 0:
            step = _reverse_step(step)
        moved = {a: _through(codes, step) for a, codes in reached.items()}
        reached = {c: codes for c, codes in step.items() if c not in moved} | moved
    kept = codes_of(source)
    return {code: codes for code, codes in reached.items() if code in kept}


def _through(codes: Iterable[str], step: Links) -> frozenset[str]:
    return frozenset[str]().union(*(step.get(code, {code}) for code in codes))


def _reverse_step(step: Links) -> dict[str, frozenset[str]]:
    turned: dict[str, set[str]] = defaultdict(set)
    for before, codes in step.items():
        for code in codes:
            turned[code].add(before)
    return {code: frozenset(codes) for code, codes in turned.items()}


def must_be_in(code: str, edition: str) -> None:
    """Refuse a code that an edition has not, with those that have its goods there.

    Raises:
        InputError: ``hs.ended`` of a code of an earlier edition, ``hs.not_yet`` of a later one,
            each with ``codes``, or ``hs.in_no_edition``.
    """
    if any(known.startswith(code) for known in codes_of(edition)):
        return
    having = [year for year in YEARS if any(c.startswith(code) for c in codes_of(year))]
    if not having:
        raise InputError("hs.in_no_edition", code=code)
    earlier = [year for year in having if year < edition]
    of = earlier[-1] if earlier else having[0]
    table = links(of, edition)
    mine = [known for known in codes_of(of) if known.startswith(code)]
    there = frozenset[str]().union(*(table.get(known, {known}) for known in mine))
    key = "hs.ended" if earlier else "hs.not_yet"
    codes = sorted(there & codes_of(edition))
    listed = join_list(codes) or "—"
    raise InputError(key, code=code, edition=edition, of=of, listed=listed, codes=codes)


def moved_goods(code: str, edition: str) -> InputError | None:
    """What :func:`must_be_in` would say of the first six digits of a code; ``None`` of one that is
    in the edition.

    >>> error = moved_goods("8528720000", "2022"), moved_goods("85287200", "2002")
    >>> error[0], error[1].values["codes"]
    (None, ['852812'])
    """
    try:
        must_be_in(code[:6], edition)
    except InputError as error:
        return error
    return None


def codes_of_other_years(codes: Iterable[str], year: int) -> Iterator[Caution]:
    """A caution for each code of another edition than that of a year, with where its goods are.

    >>> [caution.values["listed"] for caution in codes_of_other_years(["851712"], 2024)]
    ['851713, 851714']
    """
    for code in dict.fromkeys(codes):
        error = moved_goods(code, _edition_in(year))
        if error and error.key != "hs.in_no_edition":  # a country's own, such as 9817
            said = ("edition", "of", "listed")
            values = {name: str(error.values[name]) for name in said}
            yield Caution(error.key, {"code": code, **values})


def ended_codes(coded: Iterable[tuple[str, str]], key: str) -> Iterator[Caution]:
    """A caution for each named code that the edition in force has not, with where its goods are.

    Args:
        coded: who has the code, and the code.
        key: the message, with ``name`` and ``said``.
    """
    for name, code in dict.fromkeys(coded):
        if error := moved_goods(code, YEARS[-1]):
            yield Caution(key, {"name": name, "said": error.found})


def headings_in(codes: Collection[str], edition: str) -> frozenset[str]:
    """The headings of codes, and those that their goods were or will be in, in an edition.

    >>> sorted(headings_in(["852872"], "1992")), sorted(headings_in(["852411"], "2017"))
    (['8471', '8528'], ['8524', '9013'])
    """
    found = set()
    for of in YEARS:
        table, known = links(of, edition), codes_of(of)
        mine = tuple(code[:4] for code in codes if any(one.startswith(code) for one in known))
        inside = [code for code in known if code.startswith(mine)]
        found |= {to[:4] for code in inside for to in table.get(code, {code})}
    return frozenset(found | {code[:4] for code in codes})
