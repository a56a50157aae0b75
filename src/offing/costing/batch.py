"""Quote thousands of lines: rules, duty and exchange rates are found once for each group.

A line that cannot be quoted does not stop the others: its error stands in its place.
"""

from collections.abc import Hashable, Iterable, Iterator
from datetime import date

from offing.costing.fx import FxTable, fx_of
from offing.costing.quote import Prepared, cost, prepare
from offing.costing.rulebook import Rulebook
from offing.costing.shape import Quote
from offing.costing.shipment import QuoteRequest
from offing.terms.errors import OffingError
from offing.warehouse import Warehouse


def _group(request: QuoteRequest) -> Hashable:
    """Everything that :func:`~offing.costing.quote.prepare` looks at."""
    return (
        request.product,
        request.national_code,
        request.destination,
        request.origin,
        request.on,
        request.mode,
        request.currency,
        request.preference,
        request.exported,
        request.rates_on,
        tuple(sorted(request.duties.items())),
        tuple(sorted(request.rates.items())),
    )


def quotes(
    requests: Iterable[QuoteRequest], rulebook: Rulebook, warehouse: Warehouse
) -> Iterator[Quote | OffingError]:
    """A quote for each request, in their order, or the error that says why there is none.

    Args:
        requests: any number of shipments.
        rulebook: the dated rules.
        warehouse: for tariffs and exchange rates.
    """
    ready: dict[Hashable, Prepared | OffingError] = {}
    tables: dict[Hashable, FxTable] = {}
    for request in requests:
        key = _group(request)
        try:
            if key not in ready:
                ready[key] = _prepared(request, rulebook, warehouse, tables)
            found = ready[key]
            yield found if isinstance(found, OffingError) else cost(request, found)
        except OffingError as error:
            yield error


def _prepared(
    request: QuoteRequest,
    rulebook: Rulebook,
    warehouse: Warehouse,
    tables: dict[Hashable, FxTable],
) -> Prepared | OffingError:
    day: date = request.rates_on or request.on
    key = (day, tuple(sorted(request.rates.items())))
    if key not in tables:
        tables[key] = fx_of(warehouse, day, request.rates)
    request.check()
    try:
        return prepare(request, rulebook, warehouse, tables[key])
    except OffingError as error:
        return error
