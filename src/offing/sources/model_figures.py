"""A table of a firm's models (型号成本表): HS code, cost, input tax, weight, volume, refund rate.

It is pasted from a spreadsheet, or is a form that went out as a workbook and came back. A cell that
is empty says nothing; a row that cannot be read for certain refuses the table.
"""

from collections import Counter
from decimal import Decimal
from pathlib import Path

from offing.sources.ledger_line import spelled_model
from offing.sources.user_table import TableRow, build_records, user_table
from offing.terms.errors import InputError, Where
from offing.terms.firm_records import ModelFigures
from offing.terms.messages import join_list

KIND = "model_figures"


def read_model_figures(path: Path) -> dict[str, ModelFigures]:
    """What a table says of each model, by the model's name as names are compared.

    Raises:
        InputError: ``begin.model_twice``, the first row that cannot be used, or as
            :func:`offing.sources.user_table.user_table`.
    """
    rows, quarantined = build_records(user_table(path, KIND).rows, _figures)
    if quarantined:
        raise quarantined[0]
    counts = Counter(spelled_model(row.model) for row in rows)
    if twice := [name for name, count in counts.items() if count > 1]:
        raise InputError("begin.model_twice", where=Where(path), names=join_list(twice[:6]))
    return {spelled_model(row.model): row for row in rows}


def _figures(row: TableRow) -> ModelFigures:
    if not row.text("model"):
        raise InputError("begin.figures_of_none", where=row.at("model"))
    figures = {name: _positive(row, name) for name in ("cost_cny", "input_vat_cny", "kg", "m3")}
    rate = row.share("refund_rate")
    return ModelFigures(row.text("model"), row.code() or None, refund_rate=rate, **figures)


def _positive(row: TableRow, name: str) -> Decimal | None:
    figure = row.amount(name)
    if figure is not None and (figure < 0 or (not figure and name != "input_vat_cny")):
        raise InputError("refund.bad_amount", where=row.at(name), text=row.text(name))
    return figure
