"""What an agreement costs rivals and the treasury, and what to ask for in one's own (关税谈判)."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from math import isclose
from typing import Annotated, Any, Literal

import numpy as np
import polars as pl

from offing.api.asking import Answer, Asked, Country, TableIn, TradeRequest, Words, parts, question
from offing.api.markets import day_asked
from offing.api.outlook import outlook
from offing.api.typed import Share, share
from offing.forecast.ranking import latest_full_year, year_cautions
from offing.policy.effects import (
    DutyLine,
    EffectRange,
    ElasticityUse,
    LineEffect,
    OriginEffect,
    effects_by_origin,
    line_draws,
    line_effect,
    total_effects,
)
from offing.policy.overlay import today
from offing.rules.duty import share_of
from offing.rules.origin import agreements_of
from offing.rules.remedies import ORIGIN
from offing.rules.tariff import Lines, national
from offing.sources.elasticities import Substitution, own_substitution, substitution_of
from offing.sources.own_table import column_of, first_row, must_be_filled, numbers, own_table
from offing.study.demand_response import AssumedResponse, elasticity_use
from offing.study.markets import territory
from offing.terms.caution import Caution, CountryCode, Value, countries
from offing.terms.countries import country_code, country_name
from offing.terms.errors import InputError, MissingDataError, Where
from offing.terms.hs import product_code
from offing.terms.messages import join_list, language
from offing.warehouse import Warehouse
from offing.warehouse.trade import flows_below, reported_years

ALL = "all"
RAISED = 1e-9
AHEAD = 2
"""Years of the outlook behind a request."""


@dataclass(frozen=True)
class AgreementRequest(TradeRequest):
    """Who loses what if a market signs with a partner, what does its treasury lose, and which
    requests are worth most where the partner is one's own country?

    Attributes:
        market: that cuts its duties; of a customs union any member.
        partner: whose goods the cut is for; ``all`` for everybody's.
        product: HS codes; all that are traded where left out.
        origin: whose loss, or whose requests, are looked at.
        duty: after the cut.
        imports: a table of the market's own: ``product``, ``origin``, ``imports`` and ``duty`` as
            collected, in dollars; and ``new_rate`` where lines differ.
        elasticity: of substitution; its heading's of CEPII's ProTEE where ``None``.
    """

    market: Annotated[Country, Asked("agreement.help_market")]
    partner: Annotated[str, Asked("agreement.help_partner")]
    product: Annotated[Words, Asked("evidence.help_product", kind=str | None)] = None
    origin: Annotated[Country, Asked("agreement.help_origin")] = "CHN"
    duty: Annotated[Share, Asked("agreement.help_duty", kind=str)] = "0%"
    imports: Annotated[TableIn, Asked("agreement.help_imports")] = None
    elasticity: Annotated[float | None, Asked("policy.help_elasticity")] = None
    elasticity_se: Annotated[float, Asked("policy.help_elasticity_se")] = 0.0
    demand: Annotated[float, Asked("policy.help_demand")] = -1.0
    draws: Annotated[int, Asked("equilibrium.help_draws")] = 200
    seed: Annotated[int, Asked("equilibrium.help_seed")] = 1
    on: Annotated[date | None, Asked("evidence.help_on")] = None


@dataclass(frozen=True)
class NegotiationRequest:
    """A product to ask a partner for, USD a year.

    Attributes:
        product: HS code.
        duty: the partner's, as a share.
        expected: sales two years on, at that duty.
        gain: sales more without it, of those.
        defensive: the partner's exports over its exports and imports of the product: 0 where it
            makes none, 1 where it buys none.
        weight: gain's mean × (1 − defensive), by which requests stand in their order.
    """

    product: str
    duty: float
    expected: float
    gain: EffectRange
    defensive: float
    weight: float


@dataclass(frozen=True)
class AgreementAnswer(Answer):
    """A market's imports and customs revenue under the cut, a year.

    Attributes:
        market: alpha-3, or ``EUR``: the union whose tariff and trade it is.
        partner, origin: alpha-3, or ``all``.
        basis: of the values: ``cif`` or ``fob``, that of the market's duty; ``lacking`` where it is
            CIF and the data have FOB alone; ``None`` of a table of the market's own.
        year: of the trade; ``None`` of a table of the market's own.
        origins: who loses most first.
        lines: by product, the largest loss of revenue first.
        imports: change over all lines.
        revenue: change over all lines.
        requests: worth most first; none unless the partner is the origin.
        uses: elasticities.
        left_out: products without a duty in per cent.
    """

    market: str
    partner: str
    origin: str
    basis: Literal["cif", "fob", "lacking"] | None
    year: int | None
    origins: tuple[OriginEffect, ...]
    lines: tuple[LineEffect, ...]
    imports: EffectRange
    revenue: EffectRange
    requests: tuple[NegotiationRequest, ...]
    uses: tuple[ElasticityUse, ...]
    left_out: tuple[str, ...]

    @property
    def table(self) -> Any:
        """One row a product; ends of intervals in columns of their own."""
        lines = [asdict(one, dict_factory=_known_ends) for one in self.lines]
        return self.as_given(pl.json_normalize(lines, separator="_"))

    def data(self) -> Any:
        """Plain data; an interval without a width is none that is known."""
        own = asdict(self, dict_factory=_known_ends)
        return {name: own[name] for name in super().data()}


def _known_ends(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    known = "high" not in made or not isclose(made["low"], made["high"])
    return made if known else {**made, "low": None, "high": None}


@question(AgreementRequest)
def agreement(request: AgreementRequest) -> AgreementAnswer:
    """What a market's imports and customs revenue become under a cut of duties, line by line.

    Raises:
        InputError: ``agreement.same``, ``agreement.bad_table``, ``policy.bad_elasticity``.
        MissingDataError: ``agreement.no_lines``.

    Example::

        offing.agreement("DEU", "Thailand", product="8528").origins[0]
    """
    AssumedResponse(None, request.demand, draws=request.draws, seed=request.seed).check()
    partner = ALL if request.partner == ALL else country_code(request.partner)
    inside = territory(today().rulebook, request.market)
    if partner in inside:
        raise InputError("agreement.same", market=country_name(request.market))
    after = float(share(request.duty, "duty", whole=True))
    warehouse, dataset, cautions = request.trade("")
    market = _Market(request, warehouse, dataset, inside)
    whose, year, asks, basis = request.market, None, False, None
    left_out: tuple[str, ...] = ()
    if request.imports is not None:
        lines = _own_lines(request.imports, partner, after)
    else:
        lines, left_out = market.lines(partner, after)
        whose, year, asks = market.importer, market.year, partner == request.origin
        basis, cautions = market.basis, (*cautions, *market.lacking_members())
        passed = year_cautions(warehouse, dataset, "", year, None)
        held = _agreement_caution(request, partner, inside)
        cautions = (*held, *cautions, *passed, Caution("agreement.mfn_alone"))
    if not lines:
        raise MissingDataError("agreement.no_lines", market=country_name(request.market))
    if raised := [line.product for line in lines if (line.after > line.before + RAISED).any()]:
        cautions = (*cautions, Caution("agreement.raises", {"products": join_list(raised[:8])}))
    uses, drawn = [], []
    for line in lines:
        sigma = _sigma(request, line.product)
        uses.append(elasticity_use(line.product, sigma))
        draws = sigma.draws(request.draws, request.seed)
        drawn.append(line_draws(line, draws, request.demand))
    effects = sorted(
        (line_effect(one, request.origin) for one in drawn), key=lambda x: x.revenue_change.mean
    )
    return AgreementAnswer(
        whose, partner, request.origin, basis, year, effects_by_origin(drawn), tuple(effects),
        *total_effects(drawn), tuple(market.requests(effects)) if asks else (), tuple(uses),
        left_out, cautions=cautions,
    )  # fmt: skip


def _agreement_caution(
    request: AgreementRequest, partner: str, inside: Collection[str]
) -> list[Caution]:
    """What may hold between the two already: China's agreements are known, no others."""
    market = CountryCode(request.market)
    if partner == ALL:
        return []
    if partner != ORIGIN:
        return [Caution("agreement.unchecked", {"market": market, "partner": CountryCode(partner)})]
    on = day_asked(None, request.on)
    held = {one.id: one for at in inside for one in agreements_of(at, partner, on)}
    names = join_list(one.named(language()) for one in held.values())
    return [Caution("agreement.in_force", {"market": market, "names": names})] if held else []


def _sigma(request: AgreementRequest, product: str) -> Substitution:
    if request.elasticity is not None:
        return own_substitution(product, request.elasticity, request.elasticity_se)
    return substitution_of(product)


def _own_lines(source: TableIn, partner: str, after: float) -> list[DutyLine]:
    """The lines of a table of the market's own, with duties as they were collected.

    Raises:
        InputError: ``agreement.bad_table``, or a column that is missing.
    """
    table, path = own_table(source)
    for name in ("product", "origin", "imports", "duty"):
        column_of(table, path, name)
    must_be_filled(table, path, "product", "origin")
    given = [name for name in ("imports", "duty", "new_rate") if name in table.columns]
    rows = table.with_columns(*(numbers(table, path, name) for name in given))
    wrong = ~(pl.col("imports") > 0) | ~(pl.col("duty") >= 0)
    if "new_rate" in given:
        wrong |= ~pl.col("new_rate").fill_null(0.0).is_between(0, 1)
    if (bad := first_row(rows, wrong | wrong.is_null())) is not None:
        raise InputError("agreement.bad_table", where=Where(path, bad["row"]))
    by: defaultdict[str, dict[str, list[float]]] = defaultdict(dict)
    for row in rows.iter_rows(named=True):
        code, origin = national(str(row["product"])), country_code(str(row["origin"]))
        cut = row.get("new_rate")
        told = by[code].setdefault(origin, [0.0, 0.0, after if cut is None else cut])
        told[0], told[1] = told[0] + row["imports"], told[1] + row["duty"]
    return [
        _line(code, {o: (usd, duty / usd) for o, (usd, duty, _) in of.items()}, partner,
              {o: new for o, (_, _, new) in of.items()})
        for code, of in by.items()
    ]  # fmt: skip


def _line(
    code: str, of: Mapping[str, tuple[float, float]], partner: str, new: Mapping[str, float]
) -> DutyLine:
    """Of origin → imports and today's rate, and what the partner's goods pay."""
    origins = tuple(of)
    before = np.array([of[origin][1] for origin in origins])
    cut = np.array([new[o] if partner in (o, ALL) else of[o][1] for o in origins])
    return DutyLine(code, origins, np.array([of[o][0] for o in origins]), before, cut)


@dataclass(frozen=True)
class _Market:
    """The loaded trade of the market's customs territory with the others."""

    request: AgreementRequest
    warehouse: Warehouse
    dataset: str
    inside: frozenset[str]

    @property
    def importer(self) -> str:
        """Whose tariff it is: of a customs union the union's."""
        return today().rulebook.regime(self.request.market).importer

    @cached_property
    def year(self) -> int:
        """The last that is whole."""
        return latest_full_year(reported_years(self.warehouse, self.dataset))

    @cached_property
    def basis(self) -> Literal["cif", "fob", "lacking"]:
        """Of the values under the duty."""
        regime = today().rulebook.regime(self.request.market)
        charges = regime.charges_on(day_asked(None, self.request.on))
        if not any(one.name == "customs_value" and "freight" in one.base for one in charges):
            return "fob"
        return "cif" if (self.flows["cif_usd"] > 0).any() else "lacking"

    @cached_property
    def flows(self) -> pl.DataFrame:
        """``product``, ``exporter``, ``importer`` and both values, each product once."""
        some = tuple(map(product_code, parts(self.request.product or ()))) or ("",)
        names = ("product", "exporter", "importer", "value_usd", "cif_usd")
        rows = pl.concat(
            flows_below(self.warehouse, self.dataset, code, year=self.year, columns=names)
            for code in some
        ).unique()
        parents = {code[:k] for code in rows["product"].unique() for k in (2, 4) if len(code) > k}
        return rows.filter(~pl.col("product").is_in(list(parents)) & (pl.col("value_usd") > 0))

    def lacking_members(self) -> Iterator[Caution]:
        """Whose imports of the territory the data have, where they lack a member's."""
        there = self.inside & {*self.flows["importer"]}
        if there < self.inside:
            whose: dict[str, Value] = {"market": CountryCode(self.importer)}
            yield Caution("agreement.members", whose | {"markets": countries(sorted(there))})

    def across(self, inner: str, outer: str) -> pl.DataFrame:
        """Flows over the border of the territory, ``inner`` the side that is inside."""
        here = pl.col(inner).is_in(list(self.inside))
        return self.flows.filter(here & ~pl.col(outer).is_in(list(self.inside)))

    def lines(self, partner: str, after: float) -> tuple[list[DutyLine], tuple[str, ...]]:
        """Lines at the mean of the tariff's lines below each code, and codes left out."""
        tariff = Lines(self.warehouse, self.importer, whole=True)
        on = day_asked(None, self.request.on)
        keys, value = ["product", "exporter"], pl.col("value_usd")
        if self.basis == "cif":
            cif = pl.col("cif_usd")
            value = pl.when(cif > 0).then(cif).otherwise(value).alias("value_usd")
        rows = self.across("importer", "exporter").group_by(keys).agg(value.sum())
        lines, left_out = [], []
        for (code,), of in rows.sort(keys).partition_by("product", as_dict=True).items():
            values = dict(of.select("exporter", "value_usd").iter_rows())
            rates = {origin: _rate(tariff, str(code), origin, on) for origin in values}
            known = {o: (values[o], rate) for o, rate in rates.items() if rate is not None}
            if len(known) == len(rates):
                lines.append(_line(str(code), known, partner, dict.fromkeys(known, after)))
            else:
                left_out.append(str(code))
        return lines, tuple(left_out)

    def requests(self, effects: Sequence[LineEffect]) -> list[NegotiationRequest]:
        """What to ask for: growth × duty, less where the partner defends its own."""
        found = []
        for one in effects:
            if one.home > 0 and one.duty > 0:
                grown = self._expected_sales(one.product) / one.home
                change = one.home_change
                gain = EffectRange(change.mean * grown, change.low * grown, change.high * grown)
                defends = self._defends(one.product)
                found.append(NegotiationRequest(
                    one.product, one.duty, one.home * grown, gain, defends,
                    gain.mean * (1 - defends),
                ))  # fmt: skip
        return sorted(found, key=lambda row: -row.weight)

    def _expected_sales(self, product: str) -> float:
        """Sales of the origin in the territory two years on."""
        rows: pl.DataFrame = outlook(
            product, self.request.origin, horizon=AHEAD, as_of=self.year, dataset=self.dataset,
            warehouse=self.warehouse,
        ).table  # fmt: skip
        inside = rows.filter(pl.col("importer").is_in(list(self.inside)))
        return float(inside["expected_usd"].sum())

    def _defends(self, product: str) -> float:
        sold, bought = (
            float(self.across(*sides).filter(pl.col("product") == product)["value_usd"].sum())
            for sides in (("exporter", "importer"), ("importer", "exporter"))
        )
        return sold / (sold + bought)


def _rate(tariff: Lines, code: str, origin: str, on: date) -> float | None:
    """The least of the means of the general lines and of those for the origin alone, in per cent;
    ``None`` where a general line has another duty.
    """
    by: defaultdict[str, list[Decimal | None]] = defaultdict(list)
    for line in tariff.of(code, origin, on):
        if line.text is not None and (line.regime == "mfn" or line.partner == origin):
            by[line.regime].append(share_of(line.duty()))
    means = {
        regime: float(sum(x for x in of if x is not None)) / len(of)
        for regime, of in by.items()
        if None not in of
    }
    return min(means.values()) if "mfn" in means else None
