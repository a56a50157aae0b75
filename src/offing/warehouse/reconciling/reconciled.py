"""What reconciling hands over."""

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class Reconciled:
    """One estimate for each flow, and what it rests on.

    Attributes:
        flows: the ``Flows`` columns. ``observed`` is ``both``, ``importer`` or ``exporter``.
        margins: ``product`` (HS4), ``margin`` (cost, insurance and freight over FOB value, at the
            product's usual distance), ``se`` and ``n`` (flows reported by both).
        reliability: ``country``, ``direction`` (``import`` or ``export``), ``discrepancy`` (its
            part of the typical absolute log difference between two reports), ``weight`` (relative
            to a reporter of mean quality, which has 1) and ``n``.
        counts: flows by who saw them: ``both``, ``importer``, ``exporter``, and of the latter two
            ``…_other_silent``, whose other side filed no report at all in that direction and year:
            the rest are weak zeros. ``none``: a pair and product seen in another year, with no
            report from either side in this one. Reports left out: ``zero_value``, ``own_trade`` (a
            country with itself) and ``duplicate``.
        values: FOB value in USD of the flows that were seen, by the same names.
        margin_from_data: how much of the margin's uncertainty the reports took away, 0 (the
            published prior alone) to 1.
        notes: message keys of cautions, such as distances that are not known.
    """

    flows: pl.DataFrame
    margins: pl.DataFrame
    reliability: pl.DataFrame
    counts: dict[str, int]
    values: dict[str, float]
    margin_from_data: float
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Proof:
    """How well a hidden report is foretold from the other one.

    Attributes:
        errors: ``by`` (``all``, ``product`` or ``reporter``), ``name``, ``hidden`` (``import``,
            ``export`` or ``either``), ``n``, ``median`` and ``p90`` of the absolute log error,
            and ``raw_median`` and ``raw_p90`` of the other report as it is. A reporter is the one
            whose report was hidden.
        folds: into which the flows were dealt.
        seed: of the dealing.
        other_years: whether other years of a hidden flow were known.
    """

    errors: pl.DataFrame
    folds: int
    seed: int
    other_years: bool
