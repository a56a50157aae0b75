"""Countries: ISO 3166 alpha-3 codes, the numbers of trade statistics, names in both languages.

Trade statistics keep a few codes of their own: 251 is France with Monaco, 842 the United States
with Puerto Rico, 699 India, 490 "Other Asia, not elsewhere specified" (kept as ``S19``; by
convention its reports come from Taiwan, whose distances it is given). Dissolved countries and
aggregates are known by name so that a loader can say what they are.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import Literal

from offing.terms.errors import InputError
from offing.terms.files import shipped_rows
from offing.terms.messages import (
    Language,
    did_you_mean,
    join_list,
    language,
    nearest,
    say,
    set_inside,
)
from offing.terms.text import normal, simplify

EURASIAN = ("ARM", "BLR", "KAZ", "KGZ", "RUS")
"""Members of the Eurasian Economic Union, which has one tariff."""

Kind = Literal["country", "dissolved", "aggregate", "unspecified"]

_STATISTICAL = shipped_rows("offing.terms", "data/statistical_numbers.csv")
ENDED_NUMBERS = {int(row["number"]): int(row["until"]) for row in _STATISTICAL if row["until"]}
"""Numbers that an office gave up, with the last year that has them. One that stands for itself, in
a ledger, has no year that allows it."""

GEOGRAPHY_OF: dict[str, str] = {"S19": "TWN"}
"""Where an unspecified area stands on the map, for distances."""


@dataclass(frozen=True)
class Country:
    """One country or area of the statistics.

    ``until`` is the day from which a dissolved country is no more; ``successors`` follow it.
    """

    code: str
    alpha2: str
    number: int
    name_en: str
    name_zh: str
    kind: Kind
    until: date | None = None
    successors: tuple[str, ...] = ()

    def name(self, lang: Language | None = None) -> str:
        """The short name in the language of the context."""
        return self.name_zh if (lang or language()) == "zh" else self.name_en


@cache
def all_countries() -> dict[str, Country]:
    """Every known code, in the order of the file."""
    return {
        row["code"]: Country(
            code=row["code"],
            alpha2=row["alpha2"],
            number=int(row["numeric"]),
            name_en=row["name_en"],
            name_zh=row["name_zh"],
            kind=row["kind"],  # type: ignore[arg-type]
            until=date.fromisoformat(row["until"]) if row["until"] else None,
            successors=tuple(row["successors"].split()),
        )
        for row in shipped_rows("offing.terms", "data/countries.csv")
    }


@cache
def nowhere() -> tuple[str, ...]:
    """Codes of statistics that are no country: what a reporter could not place, free zones."""
    every = all_countries().values()
    codes = (country.code for country in every if country.kind == "unspecified")
    return tuple(code for code in codes if code not in GEOGRAPHY_OF)


@cache
def countries_by_number() -> dict[int, str]:
    """Numeric code → alpha-3, with the statistics' own numbers."""
    numbers = {c.number: c.code for c in reversed(list(all_countries().values()))}
    return numbers | {int(row["number"]): row["code"] for row in _STATISTICAL}


@cache
def _countries_by_name() -> dict[str, str]:
    names: dict[str, str] = {}
    for country in all_countries().values():
        for name in (country.name_en, country.name_zh, country.alpha2, country.code):
            if name:
                names.setdefault(name.casefold(), country.code)
    names |= {"uk": "GBR", "usa": "USA", "south korea": "KOR", "russia": "RUS", "eu": "EUR"}
    # What invoices and data sets call countries besides their short names.
    for row in shipped_rows("offing.terms", "data/other_names.csv"):
        names.setdefault(row["name"].casefold(), row["code"])
    for name, (code, _) in doubtful_names().items():
        if code:
            names.setdefault(name, code)
    return names


def known_code(text: str) -> str | None:
    """The code of a code, number or name in either language; ``None`` where it is not known.

    A name in both languages is one, and so is one beside the customs' number of it; two that are
    of two countries are none.

    >>> known_code("中国"), known_code("美國"), known_code("ROW")
    ('CHN', 'USA', None)
    >>> known_code("美国(USA)"), known_code("墨西哥 MEXICO"), known_code("德国（304）")
    ('USA', 'MEX', 'DEU')
    >>> known_code("DEU-德国"), known_code("304 德国"), known_code("DE - Germany")
    ('DEU', 'DEU', 'DEU')
    >>> known_code("美国 DEU"), known_code("德国 Hamburg"), known_code("USA-德国")
    (None, None, None)

    China with the name of a part that trade statistics know is that part; a name that two
    countries have is none.

    >>> known_code("China (Hong Kong)"), known_code("Taiwan, China"), known_code("中国澳门")
    ('HKG', 'TWN', 'MAC')
    >>> known_code("Congo"), known_code("Congo (Kinshasa)")
    (None, 'COD')

    Ledgers of other languages name countries in theirs.

    >>> known_code("Deutschland"), known_code("Países Bajos"), known_code("Corée du Sud")
    ('DEU', 'NLD', 'KOR')
    """
    name = str(text).strip()
    if name.isascii():
        number = int(name) if re.fullmatch(r"[0-9]{1,8}", name) else -1
        code = None if number in ENDED_NUMBERS else countries_by_number().get(number)
        code = code or _countries_by_name().get(name.casefold()) or _part_of_china(name)
        return code or _country_in_languages(name)
    name = simplify(name)
    if (code := _countries_by_name().get(name.casefold()) or _part_of_china(name)) is not None:
        return code
    if (two := _TWO.fullmatch(normal(name))) is None:
        return _country_in_languages(name)
    chinese, other = (_countries_by_name().get(part.strip().casefold()) for part in two.groups())
    return chinese if chinese == other or two[2].isdigit() else None


_STATE = re.compile(
    "(?:人民|民主|主义|社会|伊斯兰|阿拉伯|联邦|联合|玻利瓦尔|哈希姆|多民族|东岸)*"
    "(?:共和国|王国|合众国|苏丹国|大?公国|联邦|国)"
)
_STATE_OF = re.compile(
    r"(?:the )?(?:(?:federal|socialist|democratic|islamic|people's|united|arab|plurinational) )*"
    r"(?:republic|kingdom|state|federation|sultanate|commonwealth|union|grand duchy|principality)"
    r" of (?:the )?(?!china)(.+)"
)
"""What kind of state stands beside its usual name: 越南社会主义共和国, Republic of Poland."""


def _official_name(name: str) -> str | None:
    """The country of a usual name with its kind of state behind or before it.

    >>> _official_name("日本国"), _official_name("沙特阿拉伯王国"), _official_name("阿曼苏丹国")
    ('JPN', 'SAU', 'OMN')
    >>> _official_name("federal republic of germany"), _official_name("republic of china")
    ('DEU', None)
    """
    names = _countries_by_name()
    if (of := _STATE_OF.fullmatch(name)) is not None:
        return names.get(of[1])
    bare = (name[:end] for end in range(len(name) - 1, 1, -1) if _STATE.fullmatch(name[end:]))
    return next((names[one] for one in bare if one in names), None)


LANGUAGES = ("de", "es", "fr", "it", "nl", "pt")
"""In which countries are known by the names of the Unicode CLDR."""


def _country_in_languages(name: str) -> str | None:
    """The country of a name in one of :data:`LANGUAGES`, where no other country has it.

    Or of one behind its code, or with its kind of state.
    """
    plain = normal(name).casefold()
    if (code := _after_its_code(name) or _official_name(plain)) is not None:
        return code
    return None if len(plain) < len("Togo") or is_of_two(name) else _foreign_names().get(plain)


@cache
def _foreign_names() -> dict[str, str]:
    from babel import Locale

    codes = {c.alpha2: c.code for c in all_countries().values() if c.kind == "country"}
    found: dict[str, set[str]] = {}
    for tongue in LANGUAGES:
        for alpha2, name in Locale(tongue).territories.items():
            if alpha2 in codes:
                found.setdefault(normal(name).casefold(), set()).add(codes[alpha2])
    return {name: one.pop() for name, one in found.items() if len(one) == 1}


OF_CHINA = ("HKG", "MAC", "TWN")
"""Customs territories of their own, which statistics and invoices write behind or before China."""


def _part_of_china(name: str) -> str | None:
    """The part of ``China, Hong Kong`` or ``台湾(中国)``; ``None`` of any other name."""
    if (two := _BESIDE_CHINA.fullmatch(normal(name))) is None:
        return None
    code = _countries_by_name().get((two[1] or two[2]).removesuffix(")").strip().casefold())
    return code if code in OF_CHINA else None


_CHINA = r"(?:p\.? ?r\.? ?)?china|中国"
_BESIDE_CHINA = re.compile(
    rf"(?:{_CHINA})[\s,(/-]++(.+)|(.*[^\s,(/-])[\s,(/-]++(?:{_CHINA})\)?", re.IGNORECASE
)


def _after_its_code(name: str) -> str | None:
    """The country of ``DEU-德国``; ``None`` where code and name are of two, or one is of none.

    A number before a name is the customs' own, and the name counts.
    """
    if (two := _AFTER.fullmatch(normal(name))) is None:
        return None
    code, named = (_countries_by_name().get(part.strip().casefold()) for part in two.groups())
    return named if two[1].isdigit() or code == named else None


_AFTER = re.compile(r"\(?([A-Za-z]{2,3}|\d{3})(?:\)\s?|\s?[-/|:_]\s?|\s)([^\d\s].*)")
"""A code or number, and a name behind it."""
_TWO = re.compile(r"([\u4e00-\u9fff]+)[\s(/-]*([A-Za-z][A-Za-z .]*|\d{3})\)?")
"""A Chinese name, and beside it another one or the number that China's customs has for it."""


def country_code(text: str, *, trading: bool = True) -> str:
    """The alpha-3 code of a code, number or name in either language.

    Args:
        text: ``DEU``, ``de``, ``276``, ``Germany`` or ``德国``.
        trading: refuse aggregates such as the EU or the world.

    Raises:
        InputError: ``countries.unknown``, ``countries.ambiguous``, or ``countries.aggregate`` where
            one country is needed.

    >>> country_code("德国"), country_code("842"), country_code("de")
    ('DEU', 'USA', 'DEU')
    """
    code = known_code(text)
    if code is None:
        must_be_one(text)
        raise InputError("countries.unknown", text=text, near=did_you_mean(nearest_country(text)))
    country = all_countries()[code]
    if trading and country.kind == "aggregate":
        raise InputError("countries.aggregate", text=text, name=country.name())
    note(text)
    return code


def nearest_country(text: str) -> str | None:
    """Code and name of the country that a misspelt name is nearest to.

    >>> nearest_country("Chnia"), nearest_country("Narnia"), nearest_country("墨西可")
    ('CHN (China)', None, 'MEX (Mexico)')
    """
    near = _nearest_name(str(text).strip().casefold())
    hint = all_countries()[_countries_by_name()[near]] if near else None
    return say("countries.near", code=hint.code, name=hint.name()) if hint else None


@lru_cache(maxsize=4096)
def _nearest_name(text: str) -> str | None:
    """A ledger has the same unknown name in thousands of rows."""
    return nearest(text, _countries_by_name(), cutoff=0.78 if text.isascii() else 0.6)


def must_be_one(text: str) -> None:
    """Refuse a name that two countries have.

    Raises:
        InputError: ``countries.ambiguous``.
    """
    if is_of_two(text):
        named = (
            say("countries.near", code=code, name=country_name(code))
            for code in doubtful_names()[_as_listed(text)][1]
        )
        raise InputError("countries.ambiguous", text=text, names=join_list(named))


def is_of_two(text: str) -> bool:
    """Whether a name is that of two countries, such as Congo."""
    may_be = doubtful_names().get(_as_listed(text))
    return may_be is not None and not may_be[0]


def _as_listed(text: str) -> str:
    return simplify(normal(str(text))).casefold()


def country_name(code: str, lang: Language | None = None) -> str:
    """The short name of a code; the code itself where it is not known."""
    country = all_countries().get(code)
    return country.name(lang) if country else code


@cache
def doubtful_names() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Name, without capitals → what it is taken for, empty where it has to be asked, and what it
    may be besides.
    """
    return {
        row["name"].casefold(): (row["code"], tuple(row["others"].split()))
        for row in shipped_rows("offing.terms", "data/doubtful_names.csv")
    }


Taken = dict[str, tuple[str, tuple[str, ...]]]
"""A name as it was written → what it was taken for, and what it may be besides."""

_TAKEN: ContextVar[Taken | None] = ContextVar("taken", default=None)


@contextmanager
def taking_notes() -> Iterator[Taken]:
    """Note the doubtful names that are read in here."""
    outer, noted = _TAKEN.get(), Taken()
    try:
        with set_inside(_TAKEN, noted):
            yield noted
    finally:
        if outer is not None:
            outer.update(noted)


def note(text: str) -> None:
    """Note a name if it is a doubtful one that was read all the same."""
    noted = _TAKEN.get()
    if noted is None:
        return
    name = text.strip()
    doubtful = doubtful_names().get(name.casefold())
    if doubtful and doubtful[0] and name.casefold() not in map(str.casefold, noted):
        noted[name] = doubtful
