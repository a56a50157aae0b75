"""How a question is asked: a function of the fields of its frozen request.

::

    @dataclass(frozen=True)
    class SurvivalRequest:
        product: Annotated[str, Asked("indicators.help_survival_product")]
        origin: Annotated[str | None, Asked("indicators.help_origin")] = None

    @question(SurvivalRequest)
    def survival(request: SurvivalRequest) -> SurvivalAnswer: ...

    survival("8507", origin="CHN")      # in Python; the command line and a form read the request

A field is explained by its help, in the docstring of the question too; a request has what is left.
"""

import inspect
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import MISSING, asdict, dataclass, fields, replace
from decimal import Decimal
from functools import cache, wraps
from pathlib import Path
from tempfile import TemporaryDirectory
from types import NoneType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    ClassVar,
    ParamSpec,
    TypeVar,
    get_args,
    get_origin,
    get_type_hints,
)

import polars as pl

from offing.api.given import LISTS, kinds_of, read_value
from offing.sources.ledger_cells import DayOrder
from offing.terms.caution import Caution, CountryCode, Value, countries
from offing.terms.countries import country_code, taking_notes
from offing.terms.errors import InputError, MissingDataError, OffingError, must_be_within
from offing.terms.frames import Kind, kind_of, like
from offing.terms.hs import product_code
from offing.terms.limits import must_be_short, path_refusal
from offing.terms.messages import (
    ELSEWHERE,
    ParameterNames,
    asked_by,
    named_by,
    parameters,
    say,
    using_language,
)
from offing.terms.money import currency_code
from offing.terms.plain import values_of
from offing.terms.plugins import plugin_cautions

if TYPE_CHECKING:
    from offing.policy.overlay import Rules
    from offing.rules.reform import Reform
    from offing.sources.ledger import LedgerRead
    from offing.study.file import Study
    from offing.study.inputs import StudyInputs
    from offing.warehouse import Warehouse


P = ParamSpec("P")
R = TypeVar("R")
A = TypeVar("A", bound="Answer")


@dataclass(frozen=True)
class Asked:
    """How a field of a request is asked for.

    Attributes:
        help: message key of the sentence that explains it.
        name: on the command line, where it is not the field's own, such as ``--product``.
        word: it may stand as a word without a name though it can be left out.
        kind: what is typed on a command line, where the field's type does not say it.
        values: of the sentence's places, where it has some.
    """

    help: str
    name: str | tuple[str, ...] | None = None
    word: bool = False
    kind: Any = None
    values: Callable[[], Mapping[str, str]] | None = None


@dataclass(frozen=True)
class AskedField:
    """A field of a request: its name, its type, how it is asked for, whether it must be given.

    ``kind`` is what is typed for it on a line: one text, path, number, choice or flag, or several.
    """

    name: str
    hint: Any
    kind: Any
    asked: Asked
    needed: bool
    default: Any


def fields_of(request: type) -> tuple[AskedField, ...]:
    """The fields of a request that a person can fill in, in their order."""
    hints = get_type_hints(request, include_extras=True)
    result = []
    for field in fields(request):
        hint = hints[field.name]
        mark = next((m for m in getattr(hint, "__metadata__", ()) if isinstance(m, Asked)), None)
        if mark is not None:
            kind = mark.kind or _typed_hint(hint.__origin__)
            needed = field.default is MISSING
            default = None if needed else field.default
            result.append(AskedField(field.name, hint, kind, mark, needed, default))
    return tuple(result)


def _typed_hint(hint: Any) -> Any:
    """What is typed where Python takes more than that: a path, a text, or several of them."""
    kinds = kinds_of(hint)
    if not kinds & {str, Path, *LISTS}:
        return hint
    typed: Any = Path if Path in kinds else str
    typed = list[typed] if kinds & {*LISTS} else typed
    return typed | None if NoneType in kinds else typed


def read_field(field: AskedField, value: Any) -> Any:
    """A value that was given for a field, as the field's type has it.

    Raises:
        InputError: as :func:`offing.api.given.read_value`, and for what is far longer than anybody
            types.
    """
    is_path = isinstance(value, str) and Path in kinds_of(field.kind)
    must_be_short(field.name, Path(value) if is_path else value)
    option = _options(field)[0]
    return read_value(option if option.startswith("--") else field.name, value, field.hint)


def _as_declared(request: R) -> R:
    """The request with every field that was given as its type has it.

    Raises:
        InputError: as :func:`read_field`, ``errors.out_of_range``.
    """
    for field in fields_of(type(request)):
        value = getattr(request, field.name)
        if field.needed or value is not field.default:
            object.__setattr__(request, field.name, read_field(field, value))
    must_be_within("--seed", getattr(request, "seed", 0), ge=0)
    return request


IN_STUDY = {"landed.no_fx": "study.no_fx", "landed.no_fx_any_more": "study.no_fx_any_more"}
"""What a question of a study, where no rate can be typed, says in the place of an error."""


def question(request: Callable[P, R]) -> Callable[[Callable[[R], A]], Callable[P, A]]:
    """Make the answer to a request a function of the request's fields."""

    def decorate(answer: Callable[[R], A]) -> Callable[P, A]:
        @wraps(answer)
        def ask(*args: P.args, **kwargs: P.kwargs) -> A:
            with taking_notes() as noted, asked_by(option_names(request)):
                try:
                    asked = _as_declared(request(*args, **kwargs))
                    result = answer(asked)
                except OffingError as error:
                    error.parameters = parameters()  # on whichever thread it was raised
                    if {"study"} == {"study", "rate"} & {*option_names(request).values()}:
                        error.key = IN_STUDY.get(error.key, error.key)
                    raise
                except OSError as error:
                    if (refusal := path_refusal(error)) is None:
                        raise
                    raise refusal from error
            told = [*result.cautions, *plugin_cautions()]
            for text, (code, others) in noted.items():  # a name that may be another country's
                market, markets = CountryCode(code), countries(others)
                values: dict[str, Value] = {"text": text, "market": market, "markets": markets}
                told.append(Caution("countries.warn_taken", values))
            object.__setattr__(result, "cautions", tuple(told))
            given = [*args, *kwargs.values()]
            given += [table for arg in given if isinstance(arg, Mapping) for table in arg.values()]
            object.__setattr__(result, "_kind", next(filter(None, map(kind_of, given)), None))
            object.__setattr__(result, "parameters", option_names(request))
            object.__setattr__(result, "work", getattr(asked, "work", None))
            return result

        ask.__signature__ = _plain(request, answer)  # type: ignore[attr-defined]
        ask.request = request  # type: ignore[attr-defined]
        return ask

    return decorate


def _plain(request: Callable[..., Any], answer: Callable[..., Any]) -> inspect.Signature:
    """The request's fields as parameters, without what a command line needs to know of them."""
    fields = [
        parameter.replace(annotation=get_args(kind)[0] if get_origin(kind) is Annotated else kind)
        for parameter in inspect.signature(request).parameters.values()
        for kind in [parameter.annotation]
    ]
    return inspect.Signature(fields, return_annotation=answer.__annotations__["return"])


def document(ask: Callable[..., Any]) -> None:
    """Put the parameters into a question's docstring, in the sentences of ``--help``."""
    text = inspect.cleandoc(ask.__doc__ or "")
    if "\nArgs:\n" in text:
        return
    by_name = {field.name: field for field in fields_of(request_of(ask))}
    options = option_names(request_of(ask))
    with (
        using_language("en"),
        named_by(ParameterNames({**ELSEWHERE, **options})),
    ):  # as the rest of the docstring is
        told = [
            f"    {name}: {say(asked.help, **(asked.values or dict)())}"
            for name in inspect.signature(ask).parameters
            if name in by_name
            for asked in [by_name[name].asked]
        ]
    cut = re.search(r"^(?=Raises:|>>> )", text, re.MULTILINE)
    at = cut.start() if cut else len(text)
    pieces = [text[:at].rstrip(), "", "Args:", *told, "", text[at:]]
    ask.__doc__ = "\n".join(pieces).rstrip()


@cache
def option_names(request: type) -> dict[str, str]:
    """What each option of the command line is called as a field of the request."""
    return {option: field.name for field in fields_of(request) for option in _options(field)}


def _options(field: AskedField) -> tuple[str, ...]:
    """What the field is called on a command line, such as ``--pair-effects``."""
    name = field.asked.name or "--" + field.name.replace("_", "-")
    return (name,) if isinstance(name, str) else name


def request_of(ask: Callable[..., Any]) -> type:
    """The request that a question takes."""
    request: type = ask.request  # type: ignore[attr-defined]
    return request


@dataclass(frozen=True, kw_only=True, repr=False)
class Answer:
    """What a question gives back. In a notebook it shows itself with the blocks of the report.

    Its tables are data frames of the kind that the question was asked with, else of Polars.

    Attributes:
        cautions: message keys with their values.
        put_aside: how many rows, or kinds of them, of the files given could not be used.
    """

    cautions: tuple[Caution, ...] = ()
    put_aside: int = 0
    shown_by: ClassVar[Callable[[Any], str] | None] = None
    said_by: ClassVar[Callable[[Any], str] | None] = None
    written_by: ClassVar[Callable[[Any, Path], None] | None] = None
    """All set by the package's top level: the rooms below know no renderer."""
    _kind: ClassVar[Kind | None] = None
    told: ClassVar[str] = ""
    """What of it is data, as :func:`~offing.terms.plain.values_of` has names; all if empty."""
    work: ClassVar[Any] = None
    """:class:`offing.warehouse.engine.Work`: what a cluster did for it, where one was asked."""
    parameters: ClassVar[Mapping[str, str]] = {}
    """Option of the command line → parameter of the question: in Python the latter is named."""

    def __init_subclass__(cls) -> None:
        # before the dataclass would write one that prints every array
        cls.__repr__ = Answer.__repr__  # type: ignore[method-assign]

    def __repr__(self) -> str:
        words = Answer.said_by
        return f"<{type(self).__name__}>" if words is None else words(self)

    def as_given(self, rows: pl.DataFrame) -> Any:
        """Rows as a data frame of the caller's kind."""
        return like(self._kind, rows)

    @property
    def complete(self) -> bool:
        """Whether all that was given could be used, and fits; else a command ends with 2."""
        return not self.put_aside

    @property
    def holds(self) -> bool:
        """Whether every check holds that was asked for; else a command ends with 1."""
        return True

    def data(self) -> Any:
        """The answer as plain data, for JSON: mappings, lists, numbers, texts."""
        if self.told:
            return values_of(self, *self.told.split())
        own = asdict(self)
        del own["put_aside"]
        return {**own, "cautions": own.pop("cautions")}

    def write(self, folder: Path) -> None:
        """Write the folder of a question that has one: a report and the data behind it."""
        if Answer.written_by is None:
            raise NotImplementedError("ask as offing.<question>(...): it knows who writes")
        Answer.written_by(self, folder)

    def _repr_html_(self) -> str | None:
        show = Answer.shown_by
        return None if show is None else show(self)


Frame = Any
"""A data frame of pandas, Polars, PyArrow or DuckDB."""
Tables = Mapping[str, Frame]
"""Tables of :mod:`offing.terms.tables` by name."""

if TYPE_CHECKING:
    WarehouseIn = Annotated[Warehouse | Tables | Path | str | None, Asked("cli.help_warehouse")]
else:  # reading a request's fields must not load the warehouse
    WarehouseIn = Annotated[Any, Asked("cli.help_warehouse", kind=Path | None)]
"""The data: a warehouse, its folder, data frames by table, or ``None`` for the user's own
warehouse, else the starter world."""
EngineIn = Annotated[Any, Asked("cli.help_engine", kind=str | None)]
"""Who adds up large tables: an address of Spark or a session; this machine where ``None``."""
Words = Sequence[str] | str | None
"""One or several, as a sequence has them or ``a,b`` names them."""
Numbers = Sequence[float] | str | None
TableIn = Frame | Path | str | None
"""A table of the caller's own: a data frame, or the path of a CSV or Parquet file."""
Named = Sequence[str] | Mapping[str, str | int | Decimal] | str | None
"""Names with a value: ``["USD=4.1%"]``, ``"USD=4.1%"`` or ``{"USD": Decimal("0.041")}``."""
DatasetName = Annotated[str | None, Asked("market.help_dataset")]
Country = Annotated[str, country_code]
"""A country by its name or code: what was given is read as alpha-3."""
Currency = Annotated[str, currency_code]
Product = Annotated[str, product_code]
"""Goods by their name or HS code: what was given is read as a code."""


def open_warehouse(
    warehouse: "Warehouse | Tables | Path | str | None", *, engine: Any = None, **tables: TableIn
) -> "Warehouse":
    """The warehouse that is meant, with the caller's own tables in the place of its own.

    Raises:
        InputError: ``engine.own_flows`` where an engine shall read the caller's own flows,
            ``engine.address`` where none reads those of an address, and as :meth:`Warehouse.on`.
    """
    from offing.sources.own_table import read_table
    from offing.warehouse import Warehouse
    from offing.warehouse.catalog import store_address

    if address := address_of(tables.get("flows"), engine):
        from offing.warehouse.spark import frame_at

        tables["flows"], engine = frame_at(engine, address), None
    if isinstance(warehouse, Mapping):
        warehouse = Warehouse.from_frames(**warehouse)
    elif warehouse is None or isinstance(warehouse, Path | str):
        at_store = store_address(warehouse or os.environ.get("OFFING_WAREHOUSE"))
        there, engine = (engine, None) if at_store else (None, engine)
        warehouse = Warehouse.open(warehouse, there)
    elif not isinstance(warehouse, Warehouse):
        raise InputError(
            "cli.bad_given", name="warehouse", value=repr(warehouse), wanted='"data", Path("data")'
        )
    own = {
        name: read_table(Path(table)).drop("row") if isinstance(table, str | Path) else table
        for name, table in tables.items()
        if table is not None
    }
    warehouse = Warehouse.from_frames(warehouse, **own) if own else warehouse
    return warehouse if engine is None else warehouse.on(engine)


def address_of(table: "TableIn", engine: Any) -> str:
    """Where workers read a table: at its address; with an engine, Parquet files of a path too."""
    from offing.warehouse.catalog import store_address

    if (address := store_address(table)) or engine is None or not isinstance(table, str | Path):
        return address
    from offing.warehouse.spark import uri_of

    path = Path(table)
    return uri_of(path) if path.is_dir() or path.suffix.lower() == ".parquet" else ""


def engine_asked(engine: Any, *, own: bool = False) -> Any:
    """The engine that is named, else ``OFFING_ENGINE`` where tables are not the caller's own."""
    named = engine or (None if own else os.environ.get("OFFING_ENGINE") or None)
    return None if named == "home" else named


@dataclass(frozen=True, kw_only=True)
class TradeRequest:
    """A question of trade flows."""

    dataset: DatasetName = None
    edition: Annotated[str | None, Asked("market.help_edition")] = None
    flows: Annotated[TableIn, Asked("market.help_flows")] = None
    warehouse: WarehouseIn = None
    engine: EngineIn = None
    work: ClassVar[Any] = None

    def trade(
        self, product: str, until: int | None = None
    ) -> "tuple[Warehouse, str, tuple[Caution, ...]]":
        """The warehouse and the data set that are meant, and what to say of the choice."""
        from offing.warehouse.catalog import store_address

        own = self.flows is not None or isinstance(self.warehouse, Mapping)
        engine = engine_asked(self.engine, own=own and not store_address(self.flows))
        warehouse = open_warehouse(self.warehouse, engine=engine, flows=self.flows)
        if warehouse.elsewhere is not None:
            object.__setattr__(self, "work", warehouse.elsewhere.work)
        if self.edition is not None:
            from offing.warehouse.editions import warehouse_in_edition

            return warehouse_in_edition(
                warehouse, self.edition, filter(None, [product]), self.dataset
            )
        from offing.warehouse.trade import warehouse_of_codes

        warehouse, told = warehouse_of_codes(warehouse, filter(None, [product]), self.dataset)
        chosen = warehouse.trade_set(product, self.dataset, until)
        caution = None if self.dataset else warehouse.set_caution(product, chosen, until)
        notes = () if caution is None else (caution,)
        doubts = self._flow_doubts(warehouse, product) if own and product else ()
        return warehouse, chosen, (*told, *notes, *doubts)

    def _flow_doubts(self, own: "Warehouse", product: str) -> tuple[Caution, ...]:
        """What is odd in the caller's own flows, beside those that are loaded."""
        from offing.warehouse.frames import flow_doubts

        loaded = open_warehouse(None if isinstance(self.warehouse, Mapping) else self.warehouse)
        try:
            return tuple(flow_doubts(own.flows(product), loaded.flows(product)))
        except MissingDataError:
            return ()


@dataclass(frozen=True, kw_only=True)
class LawRequest:
    """A question under the law of a day.

    Attributes:
        rules: the user's own rule files, and folders of rule packs.
    """

    rules: Annotated[
        Sequence[Path | str] | Path | str | None, Asked("rules.help_rules", kind=list[Path] | None)
    ] = None
    warehouse: WarehouseIn = None

    def rule_paths(self) -> tuple[Path, ...]:
        """Rule files and packs as paths."""
        several = [self.rules] if isinstance(self.rules, str | Path) else self.rules or ()
        return tuple(map(Path, several))

    def laws(
        self, reforms: "Sequence[Reform]" = (), study: "tuple[Path, Study] | None" = None
    ) -> "Rules":
        """Today's rules with the user's own files and packs, then reforms, laid over them.

        Args:
            reforms: in their order.
            study: its file, and what it says: its own files come first.

        Raises:
            InputError, RuleError: see :func:`offing.policy.overlay.laws_with`.
        """
        from offing.policy.overlay import apply_reforms, laws_with
        from offing.study.inputs import add_rules, laws_of

        paths = self.rule_paths()
        if study is None:
            return apply_reforms(laws_with(paths), reforms)
        path, facts = study
        return apply_reforms(laws_of(path, add_rules(facts, paths)), reforms)

    def study_inputs(self, study: Path | str) -> "StudyInputs":
        """A study and what it rests on, under these rules."""
        from offing.study.inputs import read_inputs

        return read_inputs(Path(study), open_warehouse(self.warehouse), self.rule_paths())


READING = ("sheet", "currency", "dates", "period")
"""How a ledger is read, beside which of its columns is which."""


@dataclass(frozen=True, kw_only=True)
class FirmLedgerRequest:
    """A question of a firm's own ledger (台账): how the file is to be read."""

    column: Annotated[Named, Asked("book.help_column")] = None
    sheet: Annotated[str | None, Asked("book.help_sheet")] = None
    currency: Annotated[str | None, Asked("book.help_currency")] = None
    dates: Annotated[DayOrder | None, Asked("book.help_dates")] = None
    period: Annotated[str | None, Asked("book.help_period")] = None
    warehouse: WarehouseIn = None

    def reading(self) -> dict[str, Any]:
        """What was said of it: ``columns``, and what of :data:`READING`.

        Raises:
            InputError: ``errors.bad_pair``.
        """
        columns = columns_named(self.column)
        return {"columns": columns, **values_of(self, *READING)}

    def lines(self, ledger: TableIn, **how: Any) -> "LedgerRead":
        """The good lines of a ledger, in a file or a data frame, read as was said.

        Args:
            ledger: a CSV file, a workbook, or a data frame with such columns.
            **how: in place of :meth:`reading`; see :func:`offing.sources.ledger.read_ledger`.
        """
        from offing.sources.ledger import read_ledger

        how = how or self.reading()
        with as_file(ledger) as file:
            return read_ledger(file, **how)


@contextmanager
def as_file(table: TableIn) -> Iterator[Path]:
    """The file of a firm's table: its own, or one that a data frame is written to.

    A frame is read as its file would be; an error in it names the frame.
    """
    from offing.terms.frames import check_single_values, into_polars

    if isinstance(table, str | Path):
        yield Path(table)
        return
    with TemporaryDirectory(prefix="offing-") as folder:
        file = Path(folder) / "table.csv"
        check_single_values(into_polars(table)).write_csv(file)
        try:
            yield file
        except OffingError as error:
            if error.where is not None:
                error.where = replace(error.where, file=type(table).__name__)
            raise


def parts(values: object) -> list[str]:
    """The parts of a list, as a sequence has them or ``500,5000`` names them."""
    if isinstance(values, str):
        return [part.strip() for part in values.replace("，", ",").split(",") if part.strip()]
    return list(map(str, values if isinstance(values, Iterable) else (values,)))


def pairs(values: Named) -> dict[str, Any]:
    """Names with their values, as typed or as a mapping.

    Raises:
        InputError: ``errors.bad_pair``.

    >>> pairs(["l=1200", "cm3 = 5"])
    {'l': '1200', 'cm3': '5'}
    """
    if isinstance(values, Mapping):
        return dict(values)
    named = {}
    for text in [values] if isinstance(values, str) else values or ():
        name, _, value = (piece.strip() for piece in str(text).partition("="))
        if not (name and value):
            raise InputError("errors.bad_pair", text=text)
        named[name] = value
    return named


def rows_aside(aside: Sequence[tuple[str, int, int]]) -> list[dict[str, Any]]:
    """Rows that cannot be used, as plain data: why, how many and which is the first."""
    return [
        {"reason": key, "says": say(key), "lines": count, "first_row": row}
        for key, count, row in aside
    ]


def columns_named(values: Named) -> dict[str, str]:
    """Our names of columns with the headings that were given for them."""
    return {name: str(heading) for name, heading in pairs(values).items()}
