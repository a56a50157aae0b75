"""How a question is asked: a function of the fields of its frozen request.

::

    @dataclass(frozen=True)
    class SurvivalRequest:
        product: Annotated[str, Asked("indicators.help_survival_product")]
        origin: Annotated[str | None, Asked("indicators.help_origin")] = None

    @question(SurvivalRequest)
    def survival(request: SurvivalRequest) -> SurvivalAnswer: ...

    survival("8507", origin="CHN")      # in Python; the command line and a form read the request
"""

import inspect
from collections.abc import Callable
from dataclasses import MISSING, asdict, dataclass, fields
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, ParamSpec, TypeVar, get_type_hints

if TYPE_CHECKING:
    from offing.warehouse import Warehouse

Caution = tuple[str, dict[str, str]]
"""A message key and its values: what a reader must know before trusting an answer."""

P = ParamSpec("P")
R = TypeVar("R")
A = TypeVar("A")


@dataclass(frozen=True)
class Asked:
    """How a field of a request is asked for.

    Attributes:
        help: message key of the sentence that explains it.
        name: on the command line, where it is not the field's own, such as ``--product``.
        word: it may stand as a word without a name though it can be left out.
        kind: what is typed on a command line, where Python takes more than that.
    """

    help: str
    name: str | None = None
    word: bool = False
    kind: Any = None


@dataclass(frozen=True)
class AskedField:
    """A field of a request: its name, its type, how it is asked for, whether it must be given."""

    name: str
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
        asked = next((m for m in getattr(hint, "__metadata__", ()) if isinstance(m, Asked)), None)
        if asked is not None:
            kind = asked.kind or hint.__origin__
            needed = field.default is MISSING
            default = None if needed else field.default
            result.append(AskedField(field.name, kind, asked, needed, default))
    return tuple(result)


def question(request: Callable[P, R]) -> Callable[[Callable[[R], A]], Callable[P, A]]:
    """Make the answer to a request a function of the request's fields."""

    def asked(answer: Callable[[R], A]) -> Callable[P, A]:
        @wraps(answer)
        def ask(*args: P.args, **kwargs: P.kwargs) -> A:
            return answer(request(*args, **kwargs))

        ask.__signature__ = inspect.signature(request)  # type: ignore[attr-defined]
        ask.request = request  # type: ignore[attr-defined]
        return ask

    return asked


def request_of(ask: Callable[..., Any]) -> type:
    """The request that a question takes."""
    taken: type = ask.request  # type: ignore[attr-defined]
    return taken


class Answer:
    """What a question gives back. In a notebook it shows itself with the blocks of the report."""

    shown_by: ClassVar[Callable[[Any], str] | None] = None
    written_by: ClassVar[Callable[[Any, Path], None] | None] = None
    """Both set by the package's top level: the rooms below know no renderer."""

    def data(self) -> Any:
        """The answer as plain data, for JSON: mappings, lists, numbers, texts."""
        whole: Any = self
        return asdict(whole)

    def write(self, folder: Path) -> None:
        """Write the folder of a question that has one: a report and the data behind it."""
        if Answer.written_by is None:
            raise NotImplementedError("ask as offing.<question>(...): it knows who writes")
        Answer.written_by(self, folder)

    def _repr_html_(self) -> str | None:
        show = Answer.shown_by
        return None if show is None else show(self)


if TYPE_CHECKING:
    WarehouseIn = Annotated[Warehouse | Path | None, Asked("cli.help_warehouse")]
else:  # reading a request's fields must not load the warehouse
    WarehouseIn = Annotated[Any, Asked("cli.help_warehouse", kind=Path | None)]
"""The data: a warehouse, its folder, or ``None`` for the user's own, else the starter world."""
DatasetName = Annotated[str | None, Asked("market.help_dataset")]


def opened(warehouse: "Warehouse | Path | None") -> "Warehouse":
    """The warehouse that is meant."""
    from offing.warehouse import Warehouse

    return warehouse if isinstance(warehouse, Warehouse) else Warehouse.open(warehouse)


def set_cautions(
    warehouse: "Warehouse", product: str, chosen: str, named: str | None, until: int | None = None
) -> tuple[Caution, ...]:
    """Where several trade data sets are loaded and none was named: which one was taken."""
    caution = None if named else warehouse.set_caution(product, chosen, until)
    return () if caution is None else (caution,)
