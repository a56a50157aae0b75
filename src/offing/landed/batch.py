"""Quote thousands of lines: rules, duty and exchange rates are found once for each group.

A line that cannot be quoted does not stop the others: its error stands in its place.

What the trade agreements that are loaded would save on a shipment, against the general duty.
"""

from collections.abc import Hashable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal

from offing.landed.duties import agreements
from offing.landed.quote import QuoteContext, cost, prepare, rates_of
from offing.landed.shipment import CostLine, Quote, Shipment
from offing.rules.rulebook import Rulebook
from offing.rules.tariff import Tariffs
from offing.terms.errors import MissingDataError, OffingError
from offing.terms.exchange import FxTable
from offing.terms.money import round_amount
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
    ready: dict[Hashable, QuoteContext | OffingError] = {}
    rates: dict[Hashable, FxTable] = {}
    tariffs = Tariffs(warehouse, whole=True)

    def prepare_group(request: Shipment) -> QuoteContext | OffingError:
        """Exchange rates of a day and whole tariffs are read once."""
        key = request.rates_on or request.on, request.rates_age, *sorted(request.rates.items())
        try:
            if key not in rates:
                rates[key] = rates_of(request, warehouse)
            return prepare(request, rulebook, warehouse, rates[key], tariffs)
        except OffingError as error:
            return error

    for request in requests:
        group = _group(request)
        try:
            request.check()
            if group not in ready:
                ready[group] = prepare_group(request)
            prepared = ready[group]
            yield prepared if isinstance(prepared, OffingError) else cost(request, prepared)
        except OffingError as error:
            yield error


GENERAL = "mfn"


@dataclass(frozen=True)
class Preferred:
    """One unit of a shipment under one duty regime, in the quote's currency.

    Attributes:
        regime: ``mfn``, or the agreement that is claimed instead (优惠协定).
        duty: the line of the customs duty; ``None`` where there is none to pay.
        landed: landed, without the taxes that an importer gets back.
        saved: against the general duty; 0 of itself.
    """

    regime: str
    duty: CostLine | None
    landed: Decimal
    saved: Decimal


def compare_preferences(
    request: Shipment, book: Rulebook, warehouse: Warehouse, fx: FxTable
) -> tuple[Preferred, ...]:
    """The general duty, then each agreement that has a duty for the goods on the day.

    Nothing where no agreement has one. A general duty that the user gives is that of the first.

    Raises:
        OffingError: as :func:`offing.landed.quote.cost`.
    """
    tariffs = Tariffs(warehouse)
    names = agreements(request, book, tariffs.of(book.regime(request.destination).importer))
    if not names:
        return ()

    def quote_claimed(claimed: Shipment) -> Quote:
        return cost(claimed, prepare(claimed, book, warehouse, fx, tariffs))

    try:
        general = quote_claimed(replace(request, preference=None))
    except MissingDataError:  # only the agreement's own duty is loaded
        return ()
    regimes = [_preference(GENERAL, general, general)]
    others = {name: duty for name, duty in request.duties.items() if name != GENERAL}
    for name in names:
        with suppress(MissingDataError):  # lines of the heading, and none of them for this code
            quote = quote_claimed(replace(request, preference=name, duties=others))
            regimes.append(_preference(name, quote, general))
    return tuple(regimes) if len(regimes) > 1 else ()


def _preference(name: str, quote: Quote, general: Quote) -> Preferred:
    saved = general.landed_before_recoverable - quote.landed_before_recoverable
    return Preferred(
        name,
        next((line for line in quote.lines if line.stage == "duty"), None),
        round_amount(quote.landed_before_recoverable / quote.quantity),
        round_amount(saved / quote.quantity),
    )
