"""Read regime files: one TOML for each importer, checked key by key.

The package's own regimes are in ``rules/regimes``; a user's own file is read the same way and
stands beside or instead of one of them. The keys are described in the reference page
"The regime file".
"""

import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import Annotated, Any, Self, TypeVar, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from offing.rules.duty_text import duty_of_user, parse_duty, quantity_units
from offing.rules.rule_use import READ, D, Status, record_of_row
from offing.rules.rulebook import (
    DUTIES,
    EXACT,
    INPUTS,
    CaseWords,
    CautionRule,
    Charge,
    Code,
    KeyedBy,
    Listed,
    Mode,
    Origin,
    Rate,
    Regime,
    RegimeCase,
    RoundingRule,
    Rulebook,
    Stage,
    TariffLine,
    Text,
)
from offing.terms.countries import country_code
from offing.terms.errors import InputError, RuleError, Where, unknown_name
from offing.terms.interval import Interval
from offing.terms.limits import parse_toml, reason_of
from offing.terms.messages import join_list, suggest
from offing.terms.money import currency_code
from offing.terms.plugins import plugins, use_guarded

REGIMES = Path(__file__).parent / "regimes"


def _rounding(text: object) -> RoundingRule:
    how, _, places = str(text).rpartition("_")
    if text == "exact":
        return EXACT
    if how not in ("half_up", "half_even", "down", "ceiling") or not places.lstrip("-").isdigit():
        raise ValueError("half_up_2, half_even_2, down_0, ceiling_0 … or exact")
    return RoundingRule(how, int(places))  # type: ignore[arg-type]


MOST_WORDS = 25
"""Of what a document says."""


@dataclass(frozen=True)
class KeyPlace:
    """Whose rules a file has, where it is, and the day for its entries without one."""

    importer: str
    where: Where
    reviewed: date | None = None

    def id(self, *names: str) -> str:
        """The name of a rule of the file."""
        return ".".join((self.importer.lower(), *names))


def _status(text: object) -> object:
    """A status; ``checked``, as files of earlier versions say, did not say in what text."""
    statuses = get_args(Status)
    if text == "checked":
        return "secondary"
    if text not in statuses:
        raise ValueError(f"{join_list(statuses)}{suggest(str(text), statuses)}")
    return text


class FileTable(BaseModel):
    """A table of a rule file: no key but its own."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, str_strip_whitespace=True, defer_build=True
    )


class _Dated(FileTable):
    since: date | None = None
    until: date | None = None
    legal: str = ""
    source: Text
    status: Annotated[Status, BeforeValidator(_status)] = "illustrative"
    says: str = ""
    still_valid_on: date | None = None

    @model_validator(mode="after")
    def _looked_at(self) -> Self:
        """What a document says stands with the day on which it was looked at."""
        if not self.says and self.still_valid_on is None:
            return self
        if not (self.says and self.still_valid_on and self.status in READ):
            raise ValueError(f"says and still_valid_on together, status {join_list(READ)}")
        if len(self.says.split()) > MOST_WORDS:
            raise ValueError(f"says: <= {MOST_WORDS}")
        return self

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        Interval(self.since, self.until)
        return self

    @property
    def when(self) -> Interval:
        return Interval(self.since, self.until)


class RateKeys(_Dated):
    """``[[rate]]``: a value while it holds."""

    id: Text
    also: tuple[Text, ...] = ()
    value: Text
    keyed_by: KeyedBy = "entry_date"


class ChargeKeys(_Dated):
    """``[[charge]]``: a node of the charge graph while it exists."""

    name: Text
    stage: Stage
    base: Annotated[tuple[str, ...], Field(min_length=1)]
    rate: str | None = None
    tariff: str | None = None
    only_listed: bool = False
    net_of: tuple[str, ...] = ()
    gross_up: bool = False
    recoverable: bool = False
    modes: tuple[Mode, ...] = ()
    origins: tuple[Origin, ...] = ()
    not_origins: tuple[Origin, ...] = ()
    lists: tuple[str, ...] = ()
    not_on: tuple[str, ...] = ()
    rounding: Annotated[Any, AfterValidator(_rounding)] = RoundingRule("half_up", 2)


class ListKeys(_Dated):
    """``[[list]]``: codes on a product list that no data set has, or not on it."""

    name: Text
    codes: tuple[Code, ...] = ()
    without: tuple[Code, ...] = ()

    @model_validator(mode="after")
    def _some(self) -> Self:
        """Codes on the list or off it."""
        if not (self.codes or self.without):
            raise ValueError("codes, without")
        return self


class CautionKeys(_Dated):
    """``[[caution]]``: what the code alone does not tell about a duty."""

    message: Annotated[str, Field(pattern=r"^landed\.[a-z0-9_]+$")]
    charges: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    origins: tuple[Origin, ...] = ()
    not_on: tuple[str, ...] = ()


def _duty_text(text: str) -> str:
    parse_duty(text)
    return text


class LineKeys(_Dated):
    """``[[line]]``: a duty of the tariff, where no data set has it; of one code or of several."""

    code: Code | None = None
    codes: tuple[Code, ...] = ()
    regime: Text = "mfn"
    duty: Annotated[Text, AfterValidator(_duty_text)]
    origins: tuple[Origin, ...] = ()

    @model_validator(mode="after")
    def _one_or_several(self) -> Self:
        """Either a code or codes."""
        if (self.code is None) == (not self.codes):
            raise ValueError("code, or codes")
        return self


class RegimeKeys(FileTable):
    """``[regime]``: whose rules these are."""

    importer: Text
    currency: Annotated[str, AfterValidator(lambda text: currency_code(text))]
    reviewed: date | None = None
    members: tuple[Origin, ...] = ()
    only_origins: tuple[Origin, ...] = ()
    more_origins: tuple[Origin, ...] = ()
    more_origins_since: date | None = None
    without_mfn: tuple[Origin, ...] = ()


class RegimeFile(FileTable):
    """A whole regime file."""

    regime: RegimeKeys
    rate: list[RateKeys] = []
    charge: Annotated[list[ChargeKeys], Field(min_length=1)]
    list_: list[ListKeys] = Field(default=[], alias="list")
    line: list[LineKeys] = []
    caution: list[CautionKeys] = []
    case: tuple[RegimeCase, ...] = ()
    cases: CaseWords = CaseWords()


M = TypeVar("M", bound=BaseModel)


def _line_of(text: str, table: str, number: int, key: str) -> int | None:
    """The line of a key in the ``number``-th ``[[table]]`` of a file."""
    seen, inside = -1, False
    start = None
    for line_number, line in enumerate(text.splitlines(), start=1):
        bare = line.split("#")[0].strip()
        if bare.startswith("["):
            inside = bare.strip("[] ") == table
            seen += inside
            if inside and seen == number:
                start = line_number
        elif inside and seen == number and bare.partition("=")[0].strip() == key:
            return line_number
    return start


def read_checked(path: Path, model: type[M]) -> M:
    """A TOML file as a checked model.

    Raises:
        InputError: ``landed.no_rule_file``, ``errors.not_toml``,
            ``errors.unknown_name``, ``landed.rule_file_bad_value``, ``check.not_utf8``,
            ``sources.empty``.
    """
    if not path.is_file():
        raise InputError("sources.no_file", where=Where(path), path=path)
    try:
        text = path.read_text(encoding="utf-8-sig")
        data = parse_toml(text)
    except UnicodeDecodeError as error:
        raise InputError("check.not_utf8", where=Where(path)) from error
    except tomllib.TOMLDecodeError as error:
        raise InputError("errors.not_toml", where=Where(path), reason=str(error)) from error
    if not data:
        raise InputError("sources.empty", where=Where(path))
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise _refusal(error, path, text, _tables(model)) from error


def _tables(model: type[BaseModel]) -> dict[str, Any]:
    """The tables of a file by name, each with the model of what stands in it."""
    kinds = {field.alias or name: field.annotation for name, field in model.model_fields.items()}
    return {name: (get_args(kind) or (kind,))[0] for name, kind in kinds.items()}


def _keys_of(table: type[Any]) -> list[str]:
    """The keys of a table: a model, or a record that pydantic reads as one."""
    named = [field.name for field in fields(table)] if is_dataclass(table) else table.model_fields
    return list(named)


def _refusal(
    error: ValidationError, path: Path, text: str, tables: Mapping[str, Any]
) -> InputError:
    """Our error for what pydantic refused first, at its line."""
    errors = error.errors(include_url=False)
    # A misspelt key is also a missing one: the misspelling says more.
    first = next((item for item in errors if item["type"] == "extra_forbidden"), errors[0])
    names = [step for step in first["loc"] if isinstance(step, str)]
    table, key = (names[0], names[-1]) if names else ("", "")
    number = next((step for step in first["loc"] if isinstance(step, int)), 0)
    where = Where(path, _line_of(text, table, number, names[-1]), ".".join(names))
    if first["type"] == "extra_forbidden":
        options = _keys_of(tables[table]) if table in tables else list(tables)
        return unknown_name(key, options, where)
    cause = first.get("ctx", {}).get("error")
    return InputError(
        "landed.rule_file_bad_value",
        where=where,
        key=key,
        value="—" if first["type"] == "missing" else first["input"],
        reason=str(cause).split("\n")[0]
        if cause
        else reason_of(first["type"], first.get("ctx", {})),
    )


def value_of_keys(kind: type[D], keys: _Dated, id_: str, place: KeyPlace, **more: object) -> D:
    """The dated value of its keys, and ``more``."""
    seen = keys.still_valid_on or place.reviewed
    own = {"id": id_, "where": place.where, "still_valid_on": seen}
    return record_of_row(kind, dict(keys), **own | more)


def rates_of(keys: RateKeys, place: KeyPlace) -> tuple[Rate, ...]:
    """The rates of its keys: one, or one for each of several series of the same value."""
    duty = duty_of_user(keys.value, where=place.where)
    return tuple(value_of_keys(Rate, keys, id_, place, duty=duty) for id_ in (keys.id, *keys.also))


def charge_of(keys: ChargeKeys, place: KeyPlace) -> Charge:
    """The charge of its keys."""
    return value_of_keys(Charge, keys, place.id(keys.name), place)


def _line(keys: LineKeys, place: KeyPlace) -> TariffLine:
    """The line of its keys; its id has the first code."""
    codes = keys.codes or (keys.code or "",)
    id_ = place.id(keys.regime, codes[0] if len(codes) == 1 else f"{codes[0]}…{codes[-1]}")
    return value_of_keys(TariffLine, keys, id_, place, codes=codes)


def check_bases(charges: Sequence[Charge]) -> None:
    """Every base is an input or an earlier charge."""
    defined = {*INPUTS, DUTIES}
    for charge in charges:
        for name in (*charge.base, *charge.net_of):
            _must_be_among(defined, name, charge.name, charge.where)
        defined.add(charge.name)


def _must_be_among(known: Collection[str], base: str, charge: str, where: Where | None) -> None:
    if base not in known:
        named = {"charge": charge, "base": base, "known": join_list(sorted(known))}
        raise RuleError("landed.unknown_base", where=where, **named)


def _check_case(case: RegimeCase, charges: Sequence[Charge], where: Where) -> None:
    figures = {"paid", *(charge.name for charge in charges)}
    for names, allowed in (
        (case.inputs, set(INPUTS)),
        (case.quantities, set(quantity_units())),
        (case.expected, figures),
    ):
        for name in names:
            _must_be_among(allowed, name, case.name, where)


def _words(keys: CaseWords, charges: Sequence[Charge], where: Where) -> CaseWords:
    """The words of ``[cases]``; each names a charge of the file.

    Raises:
        RuleError: ``landed.unknown_base``.
    """
    charged = {charge.name for charge in charges}
    own = {*keys.more, *keys.duties, *keys.excises}
    parts = charged | own | {*INPUTS, DUTIES}
    also = {word: (of,) for word, of in keys.also.items()}
    tables = ((keys.names, charged), (also, own), (keys.more, parts), (keys.duties, parts),
              (keys.excises, parts))  # fmt: skip
    for word, named, among in ((w, n, among) for table, among in tables for w, n in table.items()):
        for name in named:
            _must_be_among(among, name.split(" ")[-1], f"[cases] {word}", where)
    more = {word: _base_of(named, charges) for word, named in keys.more.items()}
    return replace(keys, more=more)


def _base_of(named: Sequence[str], charges: Sequence[Charge]) -> tuple[str, ...]:
    """The base that is listed, or that of the one charge that is named in its place."""
    bases = {charge.name: charge.base for charge in charges if charge.stage == "tax"}
    return bases[named[0]] if len(named) == 1 and named[0] in bases else tuple(named)


def read_regime(path: Path) -> tuple[Regime, tuple[Rate, ...]]:
    """One regime file: the importer's regime and its rates.

    Raises:
        InputError: a key or value that cannot be.
        RuleError: a base that no earlier charge has.
    """
    file = read_checked(path, RegimeFile)
    about = file.regime
    place = KeyPlace(about.importer, Where(path.name), about.reviewed)
    charges = tuple(charge_of(keys, place) for keys in file.charge)
    check_bases(charges)
    for case in file.case:
        _check_case(case, charges, place.where)
    regime = Regime(
        **about.model_dump(exclude={"members", "reviewed"}),
        destinations=about.members or (country_code(about.importer),),
        charges=charges,
        cases=file.case,
        where=place.where,
        listed=tuple(
            value_of_keys(Listed, keys, place.id("list", keys.name), place) for keys in file.list_
        ),
        lines=tuple(_line(keys, place) for keys in file.line),
        cautions=tuple(
            value_of_keys(CautionRule, keys, place.id("caution"), place) for keys in file.caution
        ),
        words=_words(file.cases, charges, place.where),
    )
    return regime, tuple(rate for keys in file.rate for rate in rates_of(keys, place))


def rulebook_of(paths: Sequence[Path]) -> Rulebook:
    """The rulebook of some regime files; a later file replaces an earlier one's importer.

    Raises:
        RuleError: two rules hold on one day.
    """
    regimes: dict[str, Regime] = {}
    rates: dict[str, tuple[Rate, ...]] = {}
    for path in paths:
        regime, mine = read_regime(path)
        regimes[regime.importer], rates[regime.importer] = regime, mine
    book = Rulebook(regimes, tuple(rate for group in rates.values() for rate in group))
    book.check()
    return book


@cache
def shipped() -> Rulebook:
    """The rulebook of the package, the files named after an importer, with those of plug-ins."""
    from offing.warehouse.kept import code_digest, keep_result

    paths = sorted(REGIMES.glob("???.toml"))
    book = keep_result(("rulebook", code_digest()), partial(rulebook_of, paths))
    for name, entry in plugins("offing.regimes").items():
        book = use_guarded("offing.regimes", name, partial(_beside, book, Path(entry))) or book
    return book


def _beside(book: Rulebook, pack: Path) -> Rulebook:
    """A rulebook with the file, or the folder's files, of importers that it does not have yet."""
    paths = sorted(pack.glob("*.toml")) if pack.is_dir() else [pack]
    if twice := {read_regime(path)[0].importer for path in paths} & set(book.regimes):
        raise RuleError("landed.importer_taken", where=Where(pack), importers=join_list(twice))
    return add_files(book, paths)


def add_files(book: Rulebook, paths: Sequence[Path]) -> Rulebook:
    """A rulebook with further regime files, which replace importers of the same name."""
    if not paths:
        return book
    more = rulebook_of(paths)
    replaced = {book.regimes[name].where for name in more.regimes if name in book.regimes}
    others = tuple(rate for rate in book.rates if rate.where not in replaced)
    both = replace(book, regimes={**book.regimes, **more.regimes}, rates=(*others, *more.rates))
    both.check()
    return both
