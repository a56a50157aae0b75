"""Do a firm's papers fit each other? Declarations, invoices, receipts and rates."""

from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from offing.api import typed
from offing.api.asking import open_warehouse
from offing.api.refund_request import RefundRequest, headings_of, library_of
from offing.policy.overlay import Rules
from offing.refunds.checks.claim import ClaimPapers, PaperFinding, RateOf, Worth
from offing.refunds.checks.papers import KindTotal, cross_check, totals_by_kind
from offing.refunds.fob import fob_prices
from offing.refunds.rates import outdated_rows, rate_of
from offing.refunds.rules import DatedRate
from offing.sources.papers import (
    is_suppliers,
    read_declarations,
    read_invoices,
    read_receipts,
    read_sales,
)
from offing.terms.caution import Caution
from offing.terms.errors import OffingError, RuleError
from offing.terms.exchange import OLDEST, FxTable
from offing.terms.firm_records import LibraryRows
from offing.terms.messages import join_list
from offing.terms.plain import as_data
from offing.warehouse.exchange_rates import fx_of


@dataclass(frozen=True)
class PapersCheck:
    """Declarations matched with export invoices, receipts, suppliers' invoices and rates.

    Attributes:
        items: how many items of declarations were read.
        findings: what does not fit, the largest amount first.
        quarantined: rows that could not be used, and why.
        per_usd: CNY for one US dollar and its day, of the amounts in CNY; ``None`` without a rate.
        cautions: message keys with their values.
    """

    items: int
    findings: tuple[PaperFinding, ...]
    quarantined: tuple[OffingError, ...]
    per_usd: tuple[Decimal, date] | None
    cautions: tuple[Caution, ...]

    @property
    def totals(self) -> tuple[KindTotal, ...]:
        """The findings by kind."""
        return totals_by_kind(self.findings)

    def data(self) -> dict[str, Any]:
        """The findings with their places, and their sums by kind."""
        return {
            "items": self.items,
            "findings": [_finding_data(finding) for finding in self.findings],
            "totals": [
                {"finding": first.kind, "name": first.name, "count": count, "cny": cny,
                 "do": first.next_step}
                for first, count, cny in self.totals
            ],
            "aside": as_data(self.quarantined),
            "notes": as_data(self.cautions),
        }  # fmt: skip


def _finding_data(finding: PaperFinding) -> dict[str, Any]:
    return {
        "finding": finding.kind,
        "text": str(finding),
        "file": str(finding.where.file),
        "row": finding.where.row,
        "rows": [{"file": str(where.file), "row": where.row} for where in finding.rows],
        "amount": finding.money[0],
        "currency": finding.money[1],
        "cny": finding.cny,
        "do": finding.next_step,
    }


def papers_check(request: RefundRequest, on: date, laws: Rules) -> PapersCheck:
    """What does not fit between the papers that are given."""
    own, named = typed.per_dollar(request.rate), headings_of(request)
    file = Path(request.declarations or "")
    declared = fob_prices(read_declarations(file, named["declarations"]), own)
    library, remembered_notes = library_of(request)
    beside = _beside(request, named)
    sold, received, bought = (getattr(beside.get(name), "rows", None) for name in READERS)
    last = max((row.export_date for row in declared.rows if row.export_date <= on), default=on)
    oldest = OLDEST if request.rates_age is None else request.rates_age
    fx = fx_of(open_warehouse(request.warehouse), last, own, oldest=oldest)
    official = library is not None and not library.remembered
    rates = (_worth(fx), _rate_of(library, laws), official)
    findings = cross_check(ClaimPapers(declared.rows, on, sold, received, bought, *rates))
    read = [declared, *beside.values()]
    quarantined = tuple(error for paper in read for error in paper.quarantined)
    notes = [
        *remembered_notes,
        *outdated_rows(library, ((row.code, row.export_date) for row in declared.rows)),
        *_missing_papers(beside, library),
        *(note for paper in read for note in paper.notes),
    ]
    try:
        per_usd = fx.rate("CNY", "USD")
    except RuleError:
        per_usd = None
        notes.append(Caution("refund.papers_no_rate"))
    return PapersCheck(len(declared.rows), findings, quarantined, per_usd, tuple(notes))


READERS: dict[str, Callable[[Path, Mapping[str, str]], Any]] = {
    "invoices": read_sales,
    "receipts": read_receipts,
    "inputs": read_invoices,
}
"""Of the papers beside the declarations."""


def _beside(request: RefundRequest, named: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """The papers that are given; invoices of suppliers among the sales are what they are."""
    files = {name: Path(file) for name in READERS if (file := getattr(request, name)) is not None}
    headings = dict(named)
    if "inputs" not in files and "invoices" in files and is_suppliers(files["invoices"]):
        files["inputs"], headings["inputs"] = files.pop("invoices"), named["invoices"]
    return {name: READERS[name](file, headings[name]) for name, file in files.items()}


def _missing_papers(given: Container[str], library: LibraryRows | None) -> Iterator[Caution]:
    """The papers that were not given: what they would show is not looked at."""
    if missing := [f"--{name}" for name in READERS if name not in given]:
        yield Caution("refund.papers_unasked", {"papers": join_list(missing)})
    if library is None:
        yield Caution("refund.papers_no_library")


def _worth(fx: FxTable) -> Worth:
    def worth(amount: Decimal, currency: str, to: str) -> Decimal | None:
        try:
            return fx.convert(amount, currency, to)
        except RuleError:
            return None

    return worth


def _rate_of(library: LibraryRows | None, laws: Rules) -> RateOf:
    """The rate of an item: of the library, else the rulebook's."""

    @cache
    def rate_of_code(code: str, day: date) -> DatedRate:
        return rate_of(library, code, day, book=laws.refund_rates)

    return lambda row: rate_of_code(row.code[:10], row.export_date)
