"""What both sides' reports say, and how well one foretells the other."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import polars as pl

from offing.api.asking import Answer, Asked, WarehouseIn, opened, question
from offing.terms.caution import Caution
from offing.terms.errors import InputError, MissingDataError
from offing.terms.messages import enumerated
from offing.terms.nearest import nearest
from offing.terms.plain import values_of
from offing.warehouse import Warehouse
from offing.warehouse.reconciling import Proof, ReconciledTrade, prove
from offing.warehouse.reconciling import reconcile as reconcile_reports

By = Literal["product", "reporter"]


@dataclass(frozen=True)
class ReconcileRequest:
    """Which reports, and how shall they be proven? ``by`` or ``other_years`` ask for the proof."""

    dataset: Annotated[str | None, Asked("reconcile.help_dataset")] = None
    proof: Annotated[bool, Asked("reconcile.help_proof")] = False
    by: Annotated[By | None, Asked("reconcile.help_by")] = None
    other_years: Annotated[bool, Asked("reconcile.help_other_years")] = False
    warehouse: WarehouseIn = None


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
    cautions: tuple[Caution, ...]

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
        InputError: ``reconcile.unknown_dataset``.
        MissingDataError: ``reconcile.no_reports``, ``reconcile.starter_has_no_reports``,
            ``reconcile.nothing_to_prove``.
    """
    warehouse = opened(request.warehouse)
    sets = warehouse.catalog.datasets("reports")
    name = _dataset(warehouse, sets, request.dataset)
    reports, distances = warehouse.files("reports", name), warehouse.table("distances")
    reconciled = reconcile_reports(
        pl.scan_parquet(reports, glob=False), distances, lambda flows: None
    )
    proof = None
    if request.proof or request.by or request.other_years:
        if not reconciled.counts["both"]:
            raise MissingDataError("reconcile.nothing_to_prove", dataset=name)
        every = warehouse.table("reports", name)
        proof = prove(every, distances, other_years=request.other_years)
    others = tuple(other for other in sets if other != name)
    several = Caution("reconcile.several_sets", {"dataset": name, "sets": others})
    unsaid = request.dataset is None and others
    return ReconcileAnswer(name, reconciled, proof, request.by, (several,) if unsaid else ())


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
            known=enumerated(sets),
            near=nearest(name, sets) or sets[0],
        )

    def reports(dataset: str) -> int:
        return sum(part.rows for part in warehouse.catalog.parts_of("reports", dataset))

    return name or max(sets, key=reports)
