"""What both sides' reports say, and how well one foretells the other."""

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
    engine_asked,
    open_warehouse,
    question,
    store_address,
)
from offing.terms.caution import Caution
from offing.terms.errors import InputError, MissingDataError
from offing.terms.frames import kind_of
from offing.terms.messages import join_list, nearest
from offing.terms.plain import values_of
from offing.warehouse import Warehouse
from offing.warehouse.engine import HOME, Work
from offing.warehouse.frames import DATASET
from offing.warehouse.reconciling.estimate import (
    Proof,
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
    """

    dataset: str
    reconciled: ReconciledTrade
    proof: Proof | None
    by: By | None

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
        of = self.reconciled
        data: dict[str, Any] = {
            "dataset": self.dataset,
            "value_usd": of.values,
            **values_of(of, "counts", "margin_from_data", "margins", "reliability", "notes"),
        }
        if self.proof is not None:
            data["proof"] = values_of(self.proof, "folds", "seed", "other_years", "errors")
        return data


@question(ReconcileRequest)
def reconcile(request: ReconcileRequest) -> ReconcileAnswer:
    """The reconciled reports of a data set, after Gaulier and Zignago (2010), and their proof.

    Raises:
        InputError: ``reconcile.unknown_dataset``, and for reports of one's own as
            :meth:`offing.warehouse.Warehouse.from_frames`.
        MissingDataError: ``reconcile.no_reports``, ``reconcile.starter_has_no_reports``,
            ``reconcile.nothing_to_prove``.
    """
    own, there = _own_reports(request)
    warehouse = open_warehouse(request.warehouse, reports=own)
    distances = warehouse.table("distances")
    if there is None:
        sets = warehouse.catalog.datasets("reports")
        name = _dataset(warehouse, sets, request.dataset)
        pieces = _pieces(request, warehouse, name, distances)
    else:
        sets, name = [DATASET], DATASET
        pieces = ReportsElsewhere(there, there.source(), distances)
    reconciled = reconcile_beside(pieces, count_only if request.reports is None else None)
    proof = None
    if request.proof or request.by or request.other_years:
        if not reconciled.counts["both"]:
            raise MissingDataError("reconcile.nothing_to_prove", dataset=name)
        every = _all_rows(there) if there else warehouse.table("reports", name)
        if request.work is not None:
            request.work.here = True
        proof = prove(every, distances, other_years=request.other_years)
    others = tuple(other for other in sets if other != name)
    several = Caution("reconcile.several_sets", {"dataset": name, "sets": others})
    unsaid = request.dataset is None and others
    return ReconcileAnswer(
        name, reconciled, proof, request.by, cautions=(several,) if unsaid else ()
    )


def _own_reports(request: ReconcileRequest) -> "tuple[TableIn, SparkFlows | None]":
    """Reports of the caller's own on this machine, or on a cluster where more than come home."""
    own, address = request.reports, store_address(request.reports)
    if not address and kind_of(own) != "pyspark":
        return own, None
    from offing.warehouse.spark import SparkFlows, frame_at

    if address:
        own = frame_at(engine_asked(request.engine), address)
    elif engine_asked(request.engine, own=True):
        raise InputError("engine.own_flows")
    there = SparkFlows.of(own, DATASET, "reports")
    object.__setattr__(request, "work", there.work)
    return (None, there) if there.work.flows > HOME else (_all_rows(there), None)


def _all_rows(there: "SparkFlows") -> pl.DataFrame:
    return there.rows(f"SELECT * FROM {there.source()}", ())


def _pieces(
    request: ReconcileRequest, warehouse: Warehouse, name: str, distances: pl.DataFrame
) -> ReportsBeside:
    """The reports side by side: on the cluster that is named where they are many, else here."""
    own = request.reports is not None or isinstance(request.warehouse, Mapping)
    engine = None if request.work else engine_asked(request.engine, own=own)
    files = warehouse.files("reports", name)  # verified, whoever reads them
    if engine is None:
        return ReportPieces(pl.scan_parquet(files, glob=False), distances)
    stored = warehouse.stored_parts("reports", name)
    work = Work("", str(engine), sum(part.rows for _, part in stored), here=True)
    if work.flows > HOME:
        from offing.warehouse.spark import SparkFlows

        reports = SparkFlows.flows_of_parts(engine, stored)
        object.__setattr__(request, "work", reports.work)
        return ReportsElsewhere(reports, reports.source(name), distances)
    object.__setattr__(request, "work", work)
    return ReportPieces(pl.scan_parquet(files, glob=False), distances)


def _dataset(warehouse: Warehouse, sets: list[str], name: str | None) -> str:
    """The data set of reports to use: the one named, else the largest."""
    if not sets and warehouse.is_starter:
        raise MissingDataError("reconcile.starter_has_no_reports")
    if not sets:
        raise MissingDataError("reconcile.no_reports", folder=warehouse.folder)
    if name is not None and name not in sets:
        raise InputError(
            "reconcile.unknown_dataset",
            name=name,
            known=join_list(sets),
            near=nearest(name, sets) or sets[0],
        )

    def reports(dataset: str) -> int:
        return sum(part.rows for part in warehouse.catalog.parts_of("reports", dataset))

    return name or max(sets, key=reports)
