"""How a firm's ledger is understood: headings, units, money, days; bad rows with their reasons."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from offing.api.asking import Answer, Asked, FirmLedgerRequest, open_warehouse, question
from offing.api.begin import stands_on
from offing.sources.ledger import LISTED, LedgerRead, look_at, look_at_first
from offing.study.file import read_study
from offing.study.sales_history import UnknownModel, codes_of, unknown_models, unnamed_by_code
from offing.terms.caution import Caution
from offing.terms.messages import say
from offing.terms.numbers import day
from offing.terms.plain import values_of
from offing.warehouse.exchange_rates import day_rates


@dataclass(frozen=True)
class LedgerRequest(FirmLedgerRequest):
    """How is this ledger read?

    Attributes:
        ledger: a CSV file or workbook with headings in English or Chinese.
    """

    ledger: Annotated[Path | str, Asked("ledger.help_ledger")]
    study: Annotated[Path | None, Asked("book.help_study")] = None


@dataclass(frozen=True)
class LedgerAnswer(Answer):
    """A ledger as it is understood.

    Attributes:
        look: at the file.
        unknown: what it sells that is no model of the study, the largest sales first.
        newer: the day that the study should stand on, where sales of the ledger came after its own.
    """

    look: LedgerRead
    unknown: tuple[UnknownModel, ...] = ()
    newer: date | None = None

    @property
    def complete(self) -> bool:
        """Whether every row can be used, and a plan can rest on them."""
        return self.look.usable and super().complete

    @property
    def table(self) -> Any:
        """The good lines, as all of offing reads them."""
        return self.as_given(self.look.sales)

    def data(self) -> dict[str, Any]:
        """The columns, what is good, and what is not."""
        look = self.look
        heading = ("heading=heading.text", "heading.scale", "heading.currency", "heading.unit")
        return {
            "columns": {
                column.name: column.heading and values_of(column, *heading, "decimal_comma=comma")
                for column in look.columns
            },
            "sheets": {sheet.name: sheet.good for sheet in look.sheets if sheet.name},
            "bad": len(look.rejected),
            "bad_rows": [
                values_of(bad, "row", "reason", "text") | {"says": say(bad.reason)}
                for bad in look.rejected[:LISTED]
            ],
            **values_of(self, "unknown_models=unknown", "newer", "cautions"),
            **values_of(look, "dates=order", "good=sales.height", "left_out=skipped"),
            **values_of(look, "notes", "trouble"),
        }


@question(LedgerRequest)
def ledger(request: LedgerRequest) -> LedgerAnswer:
    """How a ledger is understood, before a plan rests on it; without a study as one that begins.

    Raises:
        InputError: the file cannot be read at all, or an option is none.

    Example::

        offing.ledger("examples/tv-maker/ledger.csv").look.sales
    """
    reading = request.reading()
    if request.study is None:
        look = look_at_first(Path(request.ledger), **reading)[1]
        return LedgerAnswer(look, put_aside=len(look.rejected))
    study = read_study(request.study)
    look = look_at(Path(request.ledger), codes=codes_of(study.model), **reading)
    if not look.usable:
        return LedgerAnswer(look, put_aside=len(look.rejected))
    warehouse = open_warehouse(request.warehouse)
    rates = day_rates(warehouse)
    cautions = unnamed_by_code(look.sales, rates, study)
    unknown = unknown_models(look.sales, rates, study)
    last: date = look.sales["on"].max()  # type: ignore[assignment]
    newer = stands_on(last, warehouse) if last > study.on else None
    if newer is not None:
        values = {"last": day(last), "on": day(study.on), "newer": day(newer)}
        cautions.append(Caution("ledger.newer", values))
    return LedgerAnswer(
        look, unknown, newer, cautions=tuple(cautions), put_aside=len(look.rejected)
    )
