"""Quote thousands of lines: rules, duty and exchange rates are found once for each group.

A line that cannot be quoted does not stop the others: its error stands in its place.
"""

from collections.abc import Hashable, Iterable, Iterator

from offing.landed.quote import Prepared, cost, prepare, rates_of
from offing.landed.shipment import Quote, Shipment
from offing.rules.rulebook import Rulebook
from offing.rules.tariff import Tariffs
from offing.terms.errors import OffingError
from offing.terms.exchange import FxTable
from offing.warehouse import Warehouse


def _group(request: Shipment) -> Hashable:
    """Everything that :func:`~offing.landed.quote.prepare` looks at."""
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
        request.rates_age,
        tuple(sorted(request.duties.items())),
        tuple(sorted(request.rates.items())),
    )


def quotes(
    requests: Iterable[Shipment], rulebook: Rulebook, warehouse: Warehouse
) -> Iterator[Quote | OffingError]:
    """A quote for each request, in their order, or the error that says why there is none."""
    ready: dict[Hashable, Prepared | OffingError] = {}
    read = _Read(rulebook, warehouse)
    for request in requests:
        key = _group(request)
        try:
            if key not in ready:
                ready[key] = read.prepare_quote(request)
            prepared = ready[key]
            yield prepared if isinstance(prepared, OffingError) else cost(request, prepared)
        except OffingError as error:
            yield error


class _Read:
    """Exchange rates of a day and whole tariffs, each read once."""

    def __init__(self, rulebook: Rulebook, warehouse: Warehouse) -> None:
        self.rulebook = rulebook
        self.warehouse = warehouse
        self.rates: dict[Hashable, FxTable] = {}
        self.tariffs = Tariffs(warehouse, whole=True)

    def prepare_quote(self, request: Shipment) -> Prepared | OffingError:
        request.check()
        day = request.rates_on or request.on
        key = (day, request.rates_age, tuple(sorted(request.rates.items())))
        try:
            if key not in self.rates:
                self.rates[key] = rates_of(request, self.warehouse)
            return prepare(request, self.rulebook, self.warehouse, self.rates[key], self.tariffs)
        except OffingError as error:
            return error
