"""What both sides' reports say, and how well one foretells the other."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import polars as pl

from offing.api.asking import (
    Answer,
    Asked,
    EngineIn,
    TableIn,
    WarehouseIn,
    address_of,
    engine_asked,
    open_warehouse,
    question,
)
from offing.terms.caution import Caution
from offing.terms.errors import InputError, MissingDataError, unknown_name
from offing.terms.frames import kind_of
from offing.terms.plain import values_of
from offing.warehouse import Warehouse
from offing.warehouse.catalog import store_address
from offing.warehouse.engine import HOME, Work
from offing.warehouse.reconciling.estimate import (
    FOLDS,
    SEED,
    ReconciledTrade,
    count_only,
    prove,
    reconcile_beside,
)
from offing.warehouse.reconciling.mirror import ReportPieces, ReportsBeside, ReportsElsewhere

if TYPE_CHECKING:
    from offing.warehouse.spark import SparkFlows

By = Literal["product", "reporter"]


@dataclass(frozen=True)
class ReconcileRequest:
    """Which reports, and how shall they be proven? ``by`` or ``other_years`` ask for the proof."""

    dataset: Annotated[str | None, Asked("reconcile.help_dataset")] = None
    reports: Annotated[TableIn, Asked("reconcile.help_reports")] = None
    proof: Annotated[bool, Asked("reconcile.help_proof")] = False
    by: Annotated[By | None, Asked("reconcile.help_by")] = None
    other_years: Annotated[bool, Asked("reconcile.help_other_years")] = False
    warehouse: WarehouseIn = None
    engine: EngineIn = None
    work: ClassVar[Any] = None


@dataclass(frozen=True)
class ReconcileAnswer(Answer):
    """The reconciled reports of a data set.

    Attributes:
        dataset: of reports.
        reconciled: one estimate for each flow, CIF margins and reliabilities.
        proof: errors of hidden reports; ``None`` where it was not asked for.
        by: how to break them down.
        other_years: whether other years of a hidden flow were known.
    """

    dataset: str
    reconciled: ReconciledTrade
    proof: pl.DataFrame | None
    by: By | None
    other_years: bool = False

    @property
    def flows(self) -> Any:
        """One estimate for each flow of reports of the caller's own; a warehouse has its flows.

        Of a frame of Spark with more reports than come home it is one of Spark: made there, when
        it is asked for.
        """
        made = self.reconciled.flows
        return self.as_given(made) if isinstance(made, pl.DataFrame) else made

    def data(self) -> dict[str, Any]:
        """Counts, margins, reliabilities and the proof."""
        own = ("counts", "margin_from_data", "margins", "reliability", "notes", "value_usd=values")
        made = {"folds": FOLDS, "seed": SEED, "other_years": self.other_years}
        return {
            "dataset": self.dataset,
            **values_of(self.reconciled, *own),
            "fitted_years": [sorted(years) for years in self.reconciled.years],
            **({} if self.proof is None else {"proof": {**made, "errors": self.proof}}),
        }


@question(ReconcileRequest)
def reconcile(request: ReconcileRequest) -> ReconcileAnswer:
    """The reconciled reports of a data set, after Gaulier and Zignago (2010), and their proof.

    Raises:
        InputError: ``errors.unknown_name``, and for reports of one's own as
            :meth:`offing.warehouse.Warehouse.from_frames`.
        MissingDataError: ``reconcile.no_reports``, ``reconcile.starter_has_no_reports``,
            ``reconcile.nothing_to_prove``.
    """
    warehouse, there = _open(request)
    distances = warehouse.table("distances")
    sets = list(there.views) if there else warehouse.catalog.datasets("reports")
    name = _dataset(warehouse, sets, request.dataset)
    pieces = _pieces(request, warehouse, there, name)
    reconciled = reconcile_beside(pieces, count_only if request.reports is None else None)
    proof = None
    if request.proof or request.by or request.other_years:
        if not reconciled.counts["both"]:
            raise MissingDataError("reconcile.nothing_to_prove", dataset=name)
        every = there.all_rows(name) if there else warehouse.table("reports", name)
        if request.work is not None:
            request.work.here = True
        proof = prove(every, distances, other_years=request.other_years)
    others = tuple(other for other in sets if other != name)
    several = Caution("reconcile.several_sets", {"dataset": name, "sets": others})
    unsaid = request.dataset is None and others
    cautions = (several,) if unsaid else ()
    return ReconcileAnswer(
        name, reconciled, proof, request.by, request.other_years, cautions=cautions
    )


def _open(request: ReconcileRequest) -> "tuple[Warehouse, SparkFlows | None]":
    """The warehouse, and the reports where they are a frame of Spark or lie at an address."""
    own = request.reports
    at_store = address_of(own, engine_asked(request.engine, own=True))
    at_address = store_address(request.warehouse or os.environ.get("OFFING_WAREHOUSE"))
    is_spark = kind_of(own) == "pyspark"
    if not (at_store or is_spark or (at_address and own is None)):
        return open_warehouse(request.warehouse, reports=own), None
    from offing.warehouse.spark import frame_at
    from offing.warehouse.spark_frames import spark_flows

    engine = engine_asked(request.engine, own=is_spark)
    if own is None:
        warehouse = Warehouse.stored_at(at_address, engine, "reports")
        there = warehouse.elsewhere
    elif is_spark and engine:
        raise InputError("engine.own_flows")
    else:
        warehouse = open_warehouse(request.warehouse)
        there = spark_flows(frame_at(engine, at_store) if at_store else own, "reports")
    object.__setattr__(request, "work", there and there.work)
    return warehouse, there


def _pieces(
    request: ReconcileRequest, warehouse: Warehouse, there: "SparkFlows | None", name: str
) -> ReportsBeside:
    """The reports side by side: on the cluster that is named where they are many, else here."""
    distances = warehouse.table("distances")
    if there is not None:
        if sum(part.rows for part in there.parts if part.dataset == name) <= HOME:
            return ReportPieces(there.all_rows(name).lazy(), distances)
        return ReportsElsewhere(there, there.source(name), distances)
    own = request.reports is not None or isinstance(request.warehouse, Mapping)
    engine = engine_asked(request.engine, own=own)
    files = warehouse.files("reports", name)  # verified, whoever reads them
    stored = warehouse.stored_parts("reports", name)
    work = Work("", str(engine), sum(part.rows for _, part in stored), here=True)
    if engine is not None and work.flows > HOME:
        from offing.warehouse.spark import SparkFlows

        there = SparkFlows.flows_of_parts(engine, stored)
        object.__setattr__(request, "work", there.work)
        return ReportsElsewhere(there, there.source(name), distances)
    object.__setattr__(request, "work", work if engine is not None else None)
    return ReportPieces(pl.scan_parquet(files, glob=False), distances)


def _dataset(warehouse: Warehouse, sets: list[str], name: str | None) -> str:
    """The data set of reports to use: the one named, else the largest."""
    if not sets and warehouse.is_starter:
        raise MissingDataError("reconcile.starter_has_no_reports")
    if not sets:
        raise MissingDataError("reconcile.no_reports", folder=warehouse.folder)
    if name is not None and name not in sets:
        raise unknown_name(name, sets)

    def reports(dataset: str) -> int:
        return sum(part.rows for part in warehouse.catalog.parts_of("reports", dataset))

    return name or max(sets, key=reports)
