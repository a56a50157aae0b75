"""The deals of a file that settlement can take, and why it cannot take the others."""

from dataclasses import dataclass

from offing.settlement.charges import payment_term
from offing.settlement.deal import Deal
from offing.terms.errors import InputError, OffingError
from offing.terms.firm_records import DealLine, Records


@dataclass(frozen=True)
class BookFile:
    """The deals of a file that can be used, the reasons of the others, and what to look at."""

    deals: tuple[Deal, ...]
    aside: tuple[OffingError, ...]
    notes: tuple[tuple[str, dict[str, str]], ...] = ()


def deals_of(lines: Records[DealLine]) -> BookFile:
    """Deals with a known payment term.

    Raises:
        InputError: none can be used.
    """
    deals: list[Deal] = []
    aside: list[OffingError] = list(lines.aside)
    for line in lines.rows:
        try:
            terms = payment_term(line.terms, where=line.where)
        except InputError as error:
            aside.append(error)
            continue
        deals.append(
            Deal(
                line.amount, line.currency, line.days, terms, line.cost_cny, line.name, line.accepts
            )
        )
    if not deals:
        raise aside[0]
    aside.sort(key=lambda error: (error.where and error.where.row) or 0)
    return BookFile(tuple(deals), tuple(aside), lines.notes)
