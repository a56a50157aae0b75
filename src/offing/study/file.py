"""Read a study file: check every key at the boundary, so that the rooms below can trust it."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import chain, groupby
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, ValidationError, model_validator

from offing.rules.reform import StudyReform
from offing.sources.text_file import read_text
from offing.study import schema
from offing.study.value_types import SELDOM, Country, DutyRate, EachOnce
from offing.terms.errors import InputError, OffingError, Where, unknown_name
from offing.terms.exchange import OLDEST
from offing.terms.limits import parse_toml, reason_of
from offing.terms.messages import join_list, room_messages, say

Steps = tuple[int | str, ...]
"""Where a value stands: names of tables and keys, and numbers of repeated tables from 0."""


REPEATED = ("model", "plant", "channel", "announced")
"""Tables of the file that stand there more than once."""


class MisfitError(ValueError):
    """A value that does not go with another one: says which key to look at."""

    def __init__(self, place: Steps, key: str, value: object, **further: object) -> None:
        super().__init__(say(key, value=value, **further))
        self.place = place
        self.value = value


def _fields(model: type[BaseModel], path: Steps) -> list[str]:
    """The keys that the table at ``path`` may have."""
    table: type[BaseModel] | None = model
    for step in (step for step in path if isinstance(step, str)):
        field = table.model_fields.get(step) if table else None
        table = schema.shape_of(field.annotation, tuple(field.metadata)).section if field else None
    return [field.alias or name for name, field in table.model_fields.items()] if table else []


def _line_of(text: str, place: Steps) -> int | None:
    """The line of a key: in its own table, and of several tables of a name in the right one."""
    *tables, key = [step for step in place if isinstance(step, str)] or [""]
    if not key:  # said of the file as a whole
        return None
    which = next((step for step in place if isinstance(step, int)), None)
    first = None
    for number, bare, table_name, seen in _lines(text, next(iter(tables), "")):
        if bare.startswith("[") and table_name.split(".")[-1] == key:
            return number
        if bare.partition("=")[0].strip() == key:
            if table_name == ".".join(tables) and seen in (-1, which):
                return number
            first = first or number
    return first


def _lines(text: str, table: str) -> Iterator[tuple[int, str, str, int]]:
    """Lines without remarks: number, text, the table they are in, how many ``[[table]]`` before."""
    table_name, seen = "", -1
    for number, line in enumerate(text.splitlines(), start=1):
        bare = line.split("#")[0].strip()
        if bare.startswith("["):
            table_name = bare.strip("[] ")
            seen += (bare[:2], table_name) == ("[[", table)
        yield number, bare, table_name, seen


def place_text(steps: Steps) -> str:
    """``("product", 0, "code")`` → ``[[product]] 1, code``, as the file has it."""
    words: list[str] = []
    rest = list(steps)
    while rest:
        step = rest.pop(0)
        if rest and isinstance(rest[0], int):
            number = int(rest.pop(0)) + 1
            words.append(f"[[{step}]] {number}" if step in REPEATED else f"{step}, {number}")
        else:
            words.append(f"[{step}]" if rest and not words else str(step))
    return say("errors.joint").join(words)


_PYDANTIC = re.compile(r"\[key\]$|(literal|list|dict|function-\w+)\[")
"""Pydantic's own words in a place: for a bad key, and for the kinds that a value may have."""


def _says_less(item: Mapping[str, Any]) -> int:
    """A misspelt key is also a missing one, and a list that may be a word fails as a word too."""
    if item["type"] == "extra_forbidden":
        return 0
    word = item["type"] == "literal_error" and not isinstance(item["input"], str)
    return 2 if word or item["type"] == "missing" else 1


def refusal(error: ValidationError, path: Path | None, text: str, place: Steps = ()) -> InputError:
    """Our error for what pydantic refused first in the study file ``path`` with this text.

    ``place`` is where the value stands that was checked alone.
    """
    errors = error.errors(include_url=False)
    return _refusal_of(min(errors, key=_says_less), errors, path, text, place)


def every_refusal(error: OffingError) -> list[OffingError]:
    """What a study's checker refused, each for itself: that of :func:`read_study` is the first."""
    behind = error.__cause__
    if not isinstance(behind, ValidationError) or error.key == "study.missing_keys":
        return [error]
    errors = behind.errors(include_url=False)
    return [_refusal_of(item, errors, None, "", ()) for item in errors]


def _refusal_of(
    first: Any, errors: Sequence[Any], path: Path | None, text: str, place: Steps
) -> InputError:
    """The error of one of those that pydantic found."""
    cause = first.get("ctx", {}).get("error")
    place, value = (*place, *first["loc"]), first["input"]
    if isinstance(cause, MisfitError):
        place, value = cause.place, cause.value
    # The key of a table of values is in a place twice.
    place = tuple(step for step, _ in groupby(s for s in place if not _PYDANTIC.match(str(s))))
    key = str(next((step for step in reversed(place) if isinstance(step, str)), ""))
    where = Where(path, _line_of(text, place), key=place_text(place))
    if first["type"] == "extra_forbidden":
        return unknown_name(place[-1], _fields(Study, place[:-1]), where)
    if first["type"] == "missing":
        return _missing(where, key, [item for item in errors if item["type"] == "missing"])
    if isinstance(cause, InputError):
        return bad_value(where, key, value, cause)
    pattern = first["type"] == "string_pattern_mismatch"
    ours = cause and not first["type"].startswith("date")  # the parser of days speaks of its input
    reason = str(cause) if ours else reason_of(first["type"], first.get("ctx", {}))
    return InputError(
        "study.bad_value",
        where=where,
        key=key,
        value=value,
        reason=reason,
        expected=say("study.key_like", near=_as_key(str(value))) if pattern else "",
        step=say("study.bad_key_step" if pattern else "study.bad_value_step"),
    )


def _missing(where: Where, key: str, errors: Sequence[Mapping[str, Any]]) -> InputError:
    """All keys that are missing, by their table: ``[firm]: Name of the firm (name)``."""
    if len(errors) == 1:
        return InputError("study.missing_key", where=where, key=key)
    tables: dict[Steps, list[str]] = {}
    for *table, key in (item["loc"] for item in errors):
        names = (*(step for step in table if isinstance(step, str)), str(key))
        called = say("study.missing_called", name=schema.words_of(names)[0], key=key)
        tables.setdefault(tuple(table), []).append(called)
    joint = say("errors.joint")
    keys = say("landed.joint").join(
        place_text((*table, joint.join(keys))) for table, keys in tables.items()
    )
    return InputError("study.missing_keys", where=Where(where.file), keys=keys)


def _as_key(text: str) -> str:
    """The nearest key that can be: ``HC 65M`` → ``HC-65M``."""
    return re.sub(r"[^\w.+-]+", "-", text.strip()).strip("-")[:40] or "A-1"


def bad_value(where: Where, key: str, value: object, cause: InputError) -> InputError:
    """Our error for a value that a room refused."""
    return InputError(
        "study.bad_value",
        where=where,
        key=key,
        value=value,
        reason=cause.found,
        expected=cause.expected or "",
        step=cause.next_step or say("study.bad_value_step"),
    )


NEWEST = 2
"""The schema of study files."""


class Study(schema.StudySection):
    """A whole study file, schema 2; ``rates_age`` is how many days old an exchange rate may be.

    ``duty`` has the duty of markets whose tariff the rulebook has not, as a share: 0.15 is 15 %.
    ``rules`` are the firm's own rule files and the folders of rule packs, relative to the file.
    """

    title: schema.Names
    on: date
    rates_age: Annotated[int, SELDOM, Field(ge=0)] = OLDEST
    seed: Annotated[int, SELDOM, Field(ge=0)] = 1
    firm: schema.FirmFacts
    ledger: schema.LedgerFile | None = None
    markets: schema.Markets = schema.Markets()
    shipping: schema.Shipping
    limits: schema.Limits = schema.Limits()
    settlement: schema.SettlementFacts | None = None
    stress: schema.StressFacts | None = None
    reform: StudyReform | None = None
    rules: list[Path] = []
    version: Annotated[Literal[2], Field(alias="schema")]
    model: Annotated[list[schema.ModelFacts], Field(min_length=1)]
    plant: Annotated[list[schema.Plant], Field(min_length=1)]
    channel: list[schema.Channel] = []
    entering: schema.Entering = schema.Entering()
    keeping: schema.Keeping = schema.Keeping()
    duty: Annotated[dict[Country, DutyRate], EachOnce] = {}
    announced: list[schema.Announced] = []
    ranges: schema.Ranges = schema.Ranges()
    asking: schema.Asking = schema.Asking()
    rates: schema.Rates = schema.Rates()

    @cached_property
    def lines(self) -> Mapping[str, tuple[schema.Plant, schema.Line]]:
        """Key of a line → its plant and itself."""
        return {line.key: (plant, line) for plant in self.plant for line in plant.line}

    def line_of(self, model: schema.ModelFacts) -> schema.Line:
        """The line that makes a model."""
        return self.lines[model.line or next(iter(self.lines))][1]

    def plant_of(self, model: schema.ModelFacts) -> schema.Plant:
        """The plant of that line."""
        return self.lines[model.line or next(iter(self.lines))][0]

    def capacity(self, model: schema.ModelFacts) -> Decimal:
        """Units a year, if the whole line made nothing else."""
        return self.line_of(model).hours / model.hours

    def keeps_price(self, model: schema.ModelFacts, market: str) -> bool:
        """Whether where the ledger shows sales its price holds, whatever ``price_usd`` is."""
        kept = self.ledger is not None and self.ledger.keep_prices
        return kept and market not in model.market_prices_usd

    def channel_in(self, market: str) -> schema.Channel:
        """The channel that names a market, else the one that names none."""
        named = [channel for channel in self.channel if market in channel.markets]
        usual = [channel for channel in self.channel if not channel.markets]
        return next(iter([*named, *usual]), schema.Channel())

    @model_validator(mode="after")
    def _must_fit(self) -> "Study":
        """Refuse keys that name nothing, or one thing twice."""
        checks = self._year, self._twice, self._models_without, self._plants, self._markets
        for misfit in chain.from_iterable(check() for check in (*checks, self._held_forwards)):
            raise misfit
        return self

    def _year(self) -> Iterator[MisfitError]:
        """A base year after the study's day would be the future."""
        year = self.markets.year
        if year is not None and year > self.on.year:
            yield MisfitError(("markets", "year"), "study.year_after_on", year, on=self.on)

    def _twice(self) -> Iterator[MisfitError]:
        """Models, lines, plants and ledger keys stand for one thing each."""
        lines = [[line.key for line in plant.line] for plant in self.plant]
        markets = [channel.markets or [""] for channel in self.channel]
        for table, key, message, named in (
            ("model", "key", "model_twice", [[model.key] for model in self.model]),
            ("model", "ledger", "ledger_key_twice", [model.ledger for model in self.model]),
            ("plant", "key", "plant_twice", [[plant.key] for plant in self.plant]),
            ("plant", "line", "line_twice", lines),
            ("channel", "markets", "channel_twice", markets),
        ):
            for name, count in Counter(chain.from_iterable(named)).items():
                if count > 1:
                    last = max(number for number, names in enumerate(named) if name in names)
                    yield MisfitError((table, last, key), f"study.{message}", name)

    def _models_without(self) -> Iterator[MisfitError]:
        """Every model is made on a line that there is; its ledger keys need a ledger."""
        lines = join_list(self.lines)
        for number, model in enumerate(self.model):
            at = ("model", number)
            if model.line is None and len(self.lines) > 1:
                yield MisfitError((*at, "line"), "study.which_line", model.key, lines=lines)
            if model.line is not None and model.line not in self.lines:
                yield MisfitError((*at, "line"), "study.no_such_line", model.line, lines=lines)
            if model.ledger and self.ledger is None:
                yield MisfitError((*at, "ledger"), "study.keys_without_ledger", model.key)

    def _plants(self) -> Iterator[MisfitError]:
        """Every plant makes something, of models and on lines that there are."""
        models = [model.key for model in self.model]
        home = {self.plant_of(model).key for model in self.model}  # each has its line by now
        for number, plant in enumerate(self.plant):
            at = ("plant", number, "makes")
            mine = [line.key for line in plant.line]
            if plant.key not in home and not plant.makes:
                yield MisfitError(at, "study.plant_makes_nothing", plant.key)
            for position, makes in enumerate(plant.makes):
                for key, name, known in (
                    ("model", makes.model, models),
                    ("line", makes.line, mine),
                ):
                    if name not in known:
                        said = {f"{key}s": join_list(known)}
                        where = (*at, position, key)
                        yield MisfitError(where, f"study.no_such_{key}", name, **said)

    def _markets(self) -> Iterator[MisfitError]:
        """Markets that must be kept are looked at."""
        markets = self.markets
        for market in markets.must_keep:
            named = markets.consider == "all" or market in markets.consider
            if not named or market in markets.leave_out or market == self.firm.origin:
                yield MisfitError(("markets", "must_keep"), "study.must_keep_left_out", market)

    def _held_forwards(self) -> Iterator[MisfitError]:
        """A forward that is held is of another currency than CNY, and not delivered yet."""
        for number, forward in enumerate(self.settlement.held if self.settlement else ()):
            at = ("settlement", "held", number)
            if forward.currency == "CNY":
                yield MisfitError((*at, "currency"), "study.held_in_cny", forward.currency)
            if forward.until <= self.on:
                yield MisfitError((*at, "until"), "study.held_is_over", forward.until, on=self.on)


def read_study(path: Path) -> Study:
    """The study in a TOML file, checked.

    Raises:
        InputError: the file is missing, is not TOML, has a key that no study has
            (``errors.unknown_name``, with the nearest), or a value that cannot be.
    """
    if path.is_dir():
        path = path / "study.toml"
    if not path.is_file():
        raise InputError("study.no_file", where=Where(path), path=path)
    text, data = _read_text(path)
    _must_be_newest(data, path)
    try:
        study = Study.model_validate(data)
    except ValidationError as error:
        raise refusal(error, path, text) from error
    except InputError as error:
        raise bad_value(Where(path), "", "", error) from error
    marked = filter(illustrative().search, text.splitlines())
    study.shipping.mark_illustrative(line.partition("=")[0].strip() for line in marked)
    return study


def must_read(text: str, *, waits: bool) -> None:
    """Refuse the text of a study as :func:`read_study` does; one that waits may lack keys."""
    data = parse_toml(text, parse_float=Decimal)
    _must_be_newest(data, None)
    try:
        Study.model_validate(data)
    except ValidationError as error:
        if not waits or any(item["type"] != "missing" for item in error.errors()):
            raise refusal(error, None, text) from error


def illustrative() -> re.Pattern[str]:
    """The comment on a figure that is an example's, in either language."""
    marks = map(re.escape, room_messages("study")["begun_illustrative"].values())
    return re.compile(rf"\s*#\s*(?:{'|'.join(marks)})\s*$")


def codes_of_goods(path: Path) -> set[str]:
    """The six digits of a study's models, also where it is not filled in yet.

    Raises:
        InputError: as :func:`read_study`, where no model has a code.
    """
    try:
        return {facts.code[:6] for facts in read_study(path).model}
    except InputError:
        file = path / "study.toml" if path.is_dir() else path
        models = _read_text(file)[1].get("model") if file.is_file() else None
        models = models if isinstance(models, list) else []
        said = [str(one.get("code", "")) for one in models if isinstance(one, dict)]
        codes = {code[:6] for code in said if code.isdecimal()}
        if not codes:
            raise
        return codes


def _read_text(path: Path) -> tuple[str, dict[str, Any]]:
    """The text of a study file, and its tables.

    Raises:
        InputError: ``study.is_table``, ``errors.not_toml``, ``study.is_reform``.
    """
    if path.suffix.lower() in TABLES:
        raise InputError("study.is_table", where=Where(path), path=path)
    text = read_text(path)
    try:
        data = parse_toml(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise InputError("errors.not_toml", where=Where(path), reason=str(error)) from error
    if "firm" not in data and data.keys() & OF_REFORMS:
        raise InputError("study.is_reform", where=Where(path))
    return text, data


TABLES = (".csv", ".tsv", ".txt", ".xlsx", ".xls", ".ods")
"""Endings of ledgers."""
OF_REFORMS = {"rate", "exchange", "shock"}
"""Tables of reforms and shocks, which no study has at its top."""


def _must_be_newest(data: Mapping[str, Any], path: Path | None) -> None:
    """Refuse data of another schema; one that is not stated is recognised by its tables.

    Raises:
        InputError: ``study.old_schema``, ``study.other_schema``.
    """
    version = data.get("schema", 1 if "product" in data else NEWEST)
    if version != NEWEST:
        key = "study.old_schema" if version == 1 else "study.other_schema"
        raise InputError(key, where=Where(path), schema=version, newest=NEWEST)
