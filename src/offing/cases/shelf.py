"""From a price on the shelf back to the price on board that it leaves room for."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from offing.cases.given import ONE, ZERO, Answers
from offing.cases.inputs import Inputs
from offing.terms.errors import InputError

STEPS = 60
CLOSE = Decimal("1e-15")


def _left(inputs: Inputs, who: str) -> Decimal:
    """What is left of a price after a margin (of the price) or a markup (on the cost)."""
    if inputs.has(f"{who}_markup"):
        return ONE / (ONE + inputs.number(f"{who}_markup"))
    return ONE - inputs.number(f"{who}_margin", ZERO)


def from_shelf(inputs: Inputs, landed: Callable[[Inputs], Answers]) -> Answers:
    """The case at the price on board at which the landed cost is what the shelf leaves.

    The tax in the shelf price goes to the state, the shop and the importer keep their parts, and
    the importer gets the import tax back; so ``landed cost - import tax = shelf / (1 + tax) ...``.

    Raises:
        InputError: ``check.cannot_compute`` where no price above nothing meets it.
    """
    tax = inputs.number("vat" if inputs.has("vat") else "gst", ZERO)
    room = inputs.money("shelf_price") / (ONE + tax)
    room *= _left(inputs, "retail") * _left(inputs, "importer")

    def at(fob: Decimal) -> tuple[Answers, Decimal]:
        values = {name: value for name, value in inputs.values.items() if name not in shelf}
        answers = landed(replace(inputs, values={**values, "fob": fob}))
        total, back = answers["total_cost"], answers.get("vat", ZERO)
        if not isinstance(total, Decimal) or not isinstance(back, Decimal):
            raise TypeError(total)
        return answers, total - back - room

    shelf = {item.name for item in inputs.every("shelf_price")}
    (_, first), low, price = at(ZERO), ZERO, room
    for _ in range(STEPS):
        answers, over = at(price)
        if abs(over) <= CLOSE * room:
            return answers
        if over == first:
            break
        low, first, price = price, over, price - over * (price - low) / (over - first)
        if price <= 0:
            break
    raise InputError("check.cannot_compute", where=inputs.where, case=inputs.case)
