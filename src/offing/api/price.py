"""The price of one model in one market: what today's takes for granted, what others would bring."""

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import polars as pl

from offing.api.asking import Answer, Asked, Country, LawRequest, question
from offing.terms.caution import Caution
from offing.terms.countries import country_name
from offing.terms.sale_terms import PriceLevel

if TYPE_CHECKING:
    from offing.study.pricing import PriceAnalysis


@dataclass(frozen=True)
class PriceRequest(LawRequest):
    """What would a model sell and earn in a market at other prices?

    Attributes:
        at: a price in USD to weigh beside those of the curve, at ``level``: ``fob``, ``cif``,
            ``landed`` or ``retail``.
    """

    model: Annotated[str, Asked("price.help_model")]
    market: Annotated[Country, Asked("ladder.help_market")]
    study: Annotated[Path | str, Asked("run.help_study")] = Path("study.toml")
    at: Annotated[float | None, Asked("price.help_at")] = None
    level: Annotated[PriceLevel, Asked("price.help_level")] = "fob"
    explain: Annotated[bool, Asked("price.help_explain")] = False


@dataclass(frozen=True)
class PriceAnswer(Answer):
    """Units and contribution along the ladder, and what may decide a price.

    Attributes:
        model: its name.
        market: alpha-3.
        unit: of the prices.
        day: of the study.
        priced: the curve and what it rests on; USD and CNY.
        explain: whether its telling has every price.
    """

    told = (
        "model market priced.curve priced.sigma priced.ledger priced.asked_usd priced.at_usd "
        "priced.missing today_usd=priced.outlet.price_usd"
    )
    model: str
    market: str
    unit: str
    day: Any
    priced: "PriceAnalysis"
    explain: bool

    def weighed(self, at: float, level: PriceLevel = "fob") -> "PriceAnswer":
        """The same with another price on the curve, at once: the scenarios are there.

        Raises:
            InputError: as :func:`price`.
        """
        return replace(self, priced=self.priced.weighed(at, level))

    @property
    def table(self) -> pl.DataFrame:
        """A row a price: ``fob_usd``, ``landed_usd``, ``units``, ``profit_cny`` of a year."""
        return pl.DataFrame([asdict(point) for point in self.priced.curve.points])


FAR = 5
"""How many times above or below the study's price one is of another unit or currency: a price in
yuan is seven times that in dollars."""


@question(PriceRequest)
def price(request: PriceRequest) -> PriceAnswer:
    """Find what a price would bring: units, contribution and risk along the market's ladder.

    Raises:
        InputError: ``errors.out_of_range``, ``landed.bad_choice``.
        InputError, MissingDataError, RuleError: what is asked for is not in the study, or cannot
            be.

    Example::

        answer = offing.price("tv-65", "Germany", study="examples/tv-maker")
        answer.table.select("fob_usd", "units", "profit_cny")
    """
    from offing.study.costs import unknown_month
    from offing.study.pricing import price_analysis
    from offing.study.sales import aside_said, rows_aside

    world = request.study_inputs(request.study)
    made = price_analysis(world, request.model, request.market)
    facts = next(facts for facts in world.study.model if facts.key == request.model)
    notes = [*aside_said(world), *unknown_month(world.study)]
    if not made.duty_known:
        notes.insert(0, Caution("price.no_duty", {"market": country_name(request.market)}))
    answer = PriceAnswer(
        model=facts.key,
        market=request.market,
        unit=facts.unit,
        day=world.study.on,
        priced=made,
        explain=request.explain,
        put_aside=rows_aside(world),
    )
    if request.at is not None:
        usual = float(facts.market_prices_usd.get(request.market, facts.price_usd))
        answer = answer.weighed(request.at, request.level)
        at = answer.priced.at_usd or request.at
        if not usual / FAR <= at <= usual * FAR:
            notes.append(Caution("price.far_off", {"at": f"{at:,g}", "usual": f"{usual:,g}"}))
    return replace(answer, cautions=tuple(notes))
