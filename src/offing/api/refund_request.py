"""What is asked of the export refund, and what its fields mean."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated

from offing.api import typed
from offing.api.asking import Asked, Named, WarehouseIn, pairs
from offing.refunds.rules import surtax_rates
from offing.sources.rate_library import forget, last_library, read_library, remember
from offing.terms.caution import Caution
from offing.terms.errors import InputError
from offing.terms.firm_records import LibraryRows
from offing.terms.messages import join_list, suggest
from offing.warehouse.catalog import default_folder


@dataclass(frozen=True)
class RefundRequest:
    """What comes back of the input tax, of which month, and what must be claimed by when?

    One of ``months``, ``study`` and ``declarations`` says what is asked; ``offing refund --help``
    explains every field.

    Attributes:
        column: ``{"declarations.total": "货值"}``: headings of the tables that are not known.
        rate: ``{"CNY": "7.12"}``: units for one US dollar.
        firm_class: 出口退税管理类别, 1 to 4.
        more_fob, more_input_tax: of one more unit in the last month, CNY.
    """

    months: Annotated[typed.File, Asked("refund.help_months", name="--months", word=True)] = None
    library: Annotated[typed.File, Asked("refund.help_library", name=("--rates", "--library"))] = (
        None
    )
    reform: Annotated[typed.Paths, Asked("refund.help_reform")] = None
    rules: Annotated[typed.Paths, Asked("rules.help_rules")] = None
    rules_key: Annotated[typed.File, Asked("rules.help_key")] = None
    declarations: Annotated[typed.File, Asked("refund.help_declarations")] = None
    invoices: Annotated[typed.File, Asked("refund.help_invoices")] = None
    receipts: Annotated[typed.File, Asked("refund.help_receipts")] = None
    inputs: Annotated[typed.File, Asked("refund.help_inputs")] = None
    column: Annotated[Named, Asked("refund.help_column")] = None
    rate: Annotated[Named, Asked("refund.help_rate")] = None
    rates_age: Annotated[int | None, Asked("landed.help_rates_age")] = None
    study: Annotated[typed.File, Asked("refund.help_study")] = None
    on: Annotated[date | str | None, Asked("refund.help_on")] = None
    firm_class: Annotated[int, Asked("refund.help_class", name="--class")] = 2
    place: Annotated[str, Asked("refund.help_place")] = "city"
    more_fob: Annotated[typed.Number, Asked("refund.help_more_fob")] = None
    more_input_tax: Annotated[str | int | Decimal, Asked("refund.help_more_input")] = "0"
    more_rates: Annotated[str | None, Asked("refund.help_more_rates")] = None
    explain: Annotated[bool, Asked("refund.help_explain")] = False
    warehouse: WarehouseIn = None


def place_of(request: RefundRequest) -> str:
    """The kind of place whose surtaxes the firm pays: a city, a town, another."""
    place, known = request.place, surtax_rates()
    if place not in known:
        near = suggest(place, known)
        raise InputError("refund.unknown_place", text=place, near=near, all=join_list(known))
    return place


def library_of(request: RefundRequest) -> tuple[LibraryRows | None, tuple[Caution, ...]]:
    """The rate library that is given, which is remembered, else the one that was; none for none."""
    named = request.warehouse
    folder = Path(named) if isinstance(named, str | Path) else default_folder()
    if request.library is None:
        return last_library(folder)
    path = Path(request.library)
    if str(path).casefold() in ("none", "无"):
        forget(folder)
        return None, ()
    library = read_library(path)
    remember(path, library, folder)
    return library, ()


TABLES = ("declarations", "invoices", "receipts", "inputs", "months")


def headings_of(request: RefundRequest) -> dict[str, dict[str, str]]:
    """Table → our name of a column → the heading that it is said to be.

    Raises:
        InputError: ``refund.bad_column``.
    """
    headings: dict[str, dict[str, str]] = {table: {} for table in TABLES}
    for name, heading in pairs(request.column, "refund.bad_column").items():
        table, _, column = name.partition(".")
        if table not in headings or not column:
            raise InputError("refund.bad_column", text=f"{name}={heading}")
        headings[table][column] = str(heading)
    return headings
