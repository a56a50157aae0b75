"""Read files of a source into the warehouse."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar

from offing.api.asking import Answer, Asked, EngineIn, Named, columns_named, engine_asked, question
from offing.sources.about import names, options_of
from offing.sources.ledger_cells import DayOrder
from offing.terms.background import tell
from offing.terms.errors import InputError
from offing.terms.messages import join_list, say
from offing.terms.plain import values_of
from offing.warehouse import LoadReport
from offing.warehouse import load as load_into
from offing.warehouse.catalog import default_folder, store_address

SHIPPED = ("ecb", "groups")
"""Sources whose files come with the package."""


def every_source() -> dict[str, str]:
    """The sources there are, for the sentence that asks for one."""
    return {"all": join_list(names())}


SourceName = Annotated[str, Asked("load.help_source", name="SOURCE", values=every_source)]
LoadAs = Annotated[str | None, Asked("load.help_as", name="--as")]
Edition = Annotated[str | None, Asked("load.help_edition")]
Folder = Annotated[Path | None, Asked("cli.help_warehouse")]


@dataclass(frozen=True)
class LoadRequest:
    """Which files of which source?

    Attributes:
        paths: files or folders; one alone, or several.
        cumulated: whether the values of months are sums from January on; told from them, or asked
            for, where ``None``.
    """

    source: SourceName
    paths: Annotated[
        str | Path | Sequence[str | Path],
        Asked("load.help_paths", name="PATH", word=True, kind=tuple[Path, ...]),
    ] = ()
    dataset: LoadAs = None
    edition: Edition = None
    indicator: Annotated[str | None, Asked("load.help_indicator")] = None
    sheet: Annotated[str | None, Asked("load.help_sheet")] = None
    currency: Annotated[str | None, Asked("load.help_currency")] = None
    dates: Annotated[DayOrder | None, Asked("load.help_dates")] = None
    period: Annotated[str | None, Asked("book.help_period")] = None
    columns: Annotated[Named, Asked("load.help_column", name="--column")] = None
    study: Annotated[Path | None, Asked("load.help_study")] = None
    flow: Annotated[str | None, Asked("load.help_flow")] = None
    cumulated: Annotated[bool | None, Asked("load.help_cumulated")] = None
    warehouse: Folder = None
    engine: EngineIn = None
    work: ClassVar[Any] = None


@dataclass(frozen=True)
class LoadAnswer(Answer):
    """What a load did.

    Attributes:
        report: rows read, loaded and quarantined, with provenance.
    """

    told = (
        "report.load report.tables report.years report.replaced report.load.notes quarantine "
        "warehouse=report.folder"
    )
    report: LoadReport

    @property
    def quarantine(self) -> Path | None:
        """The file of the rows that were not loaded, each with its line and reason."""
        name = self.report.load.quarantine
        return self.report.folder / name if name else None


@question(LoadRequest)
def load(request: LoadRequest) -> LoadAnswer:
    """Read files of a source into the warehouse: all of it, or nothing; of BACI year by year.

    Raises:
        InputError: ``sources.unknown``, ``load.no_option``, ``warehouse.no_load_there``,
            ``errors.bad_pair``, ``load.no_paths``, and as the source's ``read``.
        StorageError: as :func:`offing.warehouse.load`.
    """
    own = ("edition", "indicator", "sheet", "currency", "dates", "period", "flow", "cumulated")
    columns, name = _columns(request.columns, request.study), request.source
    options = accepted_options(name, **values_of(request, *own), columns=columns)
    paths = [request.paths] if isinstance(request.paths, str | Path) else request.paths
    if not paths and name not in SHIPPED:
        raise InputError("load.no_paths", name=name)
    options["engine"] = engine_asked(request.engine)
    files = list(map(Path, paths))
    answer = loaded_from(name, files, request.warehouse, request.dataset, options)
    object.__setattr__(request, "work", answer.report.work)
    return answer


def loaded_from(
    source: str,
    paths: Sequence[Path],
    folder: Path | None,
    dataset: str | None,
    options: Mapping[str, Any],
) -> LoadAnswer:
    """Read into the warehouse at a folder, telling how far it is."""
    to = folder or default_folder()
    if address := store_address(folder or os.environ.get("OFFING_WAREHOUSE")):
        raise InputError("warehouse.no_load_there", address=address)
    return LoadAnswer(load_into(source, paths, to, dataset=dataset, progress=tell, **options))


def accepted_options(name: str, **choices: Any) -> dict[str, Any]:
    """The options that were given, all of which the source must have.

    Raises:
        InputError: ``load.no_option``.
    """
    options = {key: value for key, value in choices.items() if value is not None}
    has = options_of(name)
    for key in options:
        if key not in has:
            available = join_list(_option(option) for option in has) or say("load.no_option_none")
            raise InputError("load.no_option", name=name, option=_option(key), options=available)
    return options


def _option(name: str) -> str:
    return "--column" if name == "columns" else f"--{name}"


def _columns(named: Named, study: Path | None) -> dict[str, str] | None:
    """The ledger's columns as the study maps them, and over it those that were given."""
    if named is None and study is None:
        return None
    columns: dict[str, str] = {}
    if study is not None:
        from offing.study.file import read_study

        ledger = read_study(study).ledger
        columns |= ledger.columns if ledger else {}
    return columns | columns_named(named)
