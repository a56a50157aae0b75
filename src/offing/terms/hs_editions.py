"""What became of a code from one edition of the Harmonized System to the next.

The changes are of six digits, from one edition to the one after it; further ones are chained.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache

from offing.terms.caution import Caution
from offing.terms.errors import InputError
from offing.terms.hs import YEARS
from offing.terms.messages import join_list
from offing.terms.nomenclature import nomenclature
from offing.terms.shipped import shipped_rows

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
