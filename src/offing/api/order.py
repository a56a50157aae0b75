"""An order on the table (手上的订单): take it, refuse it, or at which price it pays."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from offing.api.asking import Answer, Asked, Country, LawRequest, question
from offing.api.typed import Amount, Number, money, price, quantity
from offing.terms.countries import country_name
from offing.terms.errors import InputError, unknown_name
from offing.terms.sale_terms import Incoterm

if TYPE_CHECKING:  # the command's help must not wait for Polars
    from offing.study.inputs import StudyInputs
    from offing.study.order import OrderResult
    from offing.study.schema import ModelFacts


@dataclass(frozen=True)
class OrderRequest(LawRequest):
    """Is this order to be taken, and at which price?

    Attributes:
        price: of one unit, in USD where it names no other currency.
        month: in which it is made and shipped: ``"2025-03"``.
    """

    study: Annotated[Path | str, Asked("run.help_study")]
    model: Annotated[str, Asked("price.help_model", name="--model")]
    market: Annotated[Country, Asked("ladder.help_market", name="--market")]
    quantity: Annotated[Number, Asked("landed.help_quantity", name="--quantity")]
    price: Annotated[Amount, Asked("landed.help_price", name="--price")]
    term: Annotated[Incoterm, Asked("landed.help_term")] = "FOB"
    buyer: Annotated[str | None, Asked("order.help_buyer")] = None
    month: Annotated[str | None, Asked("order.help_month")] = None
    days: Annotated[int | None, Asked("settle.help_days")] = None
    destination_costs: Annotated[Amount, Asked("order.help_destination")] = None
    planned: Annotated[bool, Asked("order.help_planned")] = False


@dataclass(frozen=True)
class OrderAnswer(Answer):
    """What an order comes to.

    Attributes:
        result: its parts, the worth of its hours, the prices at which it pays.
    """

    result: "OrderResult"

    def data(self) -> dict[str, Any]:
        """The verdict and what it rests on; amounts in CNY, prices as they were asked."""
        made = self.result
        sums = {name: getattr(made, name) for name in ("verdict", "profit_cny", "net_cny")}
        return {**sums, **vars(made), "order": vars(made.order) | {"facts": made.order.facts.key}}


@question(OrderRequest)
def order(request: OrderRequest) -> OrderAnswer:
    """Weigh an order by its study: profit, what its hours are worth, the price at which it pays.

    Raises:
        InputError: ``errors.unknown_name``, ``order.bad_month``, ``landed.no_quantity``,
            ``landed.not_whole``, ``landed.price_not_positive``, ``landed.price_below_carriage``,
            ``landed.bad_choice``, ``order.at_home``, ``settle.bad_days``.
        MissingDataError, RuleError: as the study's costs.

    Example::

        offing.order("examples/tv-maker", "HC-65M", "Germany", quantity=500, price="560 USD")
    """
    from offing.sources.deals import days_of
    from offing.study.costs import unknown_month
    from offing.study.order import Order, weigh_order

    world = request.study_inputs(request.study)
    asked, facts = price(request.price, "USD"), _facts(world, request.model)
    units = quantity(request.quantity, facts.unit)
    if units is None or units <= 0 or asked is None:
        raise InputError("landed.no_quantity", quantity=units)
    if request.market == world.study.firm.origin:
        raise InputError("order.at_home", market=country_name(request.market))
    made = Order(
        facts=facts, market=request.market, units=units, price=asked,
        term=request.term, on=_day(world, request.month),
        days=None if request.days is None else days_of(request.days),
        destination=money(request.destination_costs, "USD"), buyer=request.buyer,
        planned=request.planned,
    )  # fmt: skip
    return OrderAnswer(weigh_order(world, made), cautions=(*unknown_month(world.study),))


def _facts(world: "StudyInputs", named: str) -> "ModelFacts":
    """The model by its key, its name, or what the ledger calls it."""
    for facts in world.study.model:
        names = (facts.key, facts.name.en, facts.name.zh, *facts.ledger)
        if named.casefold() in map(str.casefold, names):
            return facts
    raise unknown_name(named, (facts.key for facts in world.study.model))


def _day(world: "StudyInputs", month: str | None) -> date:
    """The first of the order's month, or the study's day.

    Raises:
        InputError: ``order.bad_month`` of none, or one before the study's day.
    """
    from offing.sources.ledger_cells import last_day

    on = world.study.on
    if month is None:
        return on
    found = last_day(month)
    if found is None or found[1] != "month" or found[0] < on:
        raise InputError("order.bad_month", month=month, on=on, example=f"{on:%Y-%m}")
    return max(found[0].replace(day=1), on)
