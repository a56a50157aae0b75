"""The models of a first study, as a ledger shows them: names, codes, brands and today's prices.

What a unit costs, weighs and takes is taken over where the ledger has a column of it; else it is
left to the firm, as is the input tax.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from math import fsum
from typing import Any

import polars as pl

from offing.ladders.own_sales import in_usd
from offing.sources.ledger_line import spelled_models
from offing.sources.unit_facts import UnitFacts
from offing.study.begun import TemplateModel
from offing.study.of_a_unit import figures, unit_columns
from offing.study.own_record import year_before
from offing.terms.caution import Caution
from offing.terms.errors import MissingDataError
from offing.terms.messages import say
from offing.terms.numbers import fixed
from offing.terms.products import product_name

MOST = 12
"""Models in a first study; a ledger of more names is taken by HS code."""
ENOUGH = 0.95
"""Share of the sales that the models of a first study have, at least, where there are more."""
UNITS = ("item", "kg")
"""In which a study can count."""


@dataclass(frozen=True)
class Shown:
    """A model or a code of the ledger, in the twelve months before its last day.

    Attributes:
        model: as it stands in the study.
        names: what the ledger calls it: its names, or its codes.
        codes: HS codes of its lines, as the ledger has them.
        units: sold, net of what came back.
        usd: invoiced; ``None`` where a currency has no rate.
        markets: in how many it was sold.
        term: of its price: FOB where lines are, else that of most of its sales; nothing where no
            line says one, and its price is of all lines as invoiced.
    """

    model: TemplateModel
    names: tuple[str, ...]
    codes: tuple[str, ...]
    units: float
    usd: float | None
    markets: int
    term: str


@dataclass(frozen=True)
class FromLedger:
    """What a ledger gives for a first study.

    Attributes:
        shown: the models, the largest sales first.
        left_out: names or codes of the ledger that none of them is.
        by_code: whether they are HS codes, since the ledger has no names, or too many.
        last: the ledger's last day.
        uncounted: those left out since a study does not count in their unit, such as pairs.
        headings: figure of a unit → the ledger's heading that it is from.
        doubts: message keys with their values, of columns that were not taken.
    """

    shown: tuple[Shown, ...]
    left_out: tuple[str, ...]
    by_code: bool
    last: date
    uncounted: tuple[str, ...] = ()
    headings: Mapping[str, str] = field(default_factory=dict)
    doubts: tuple[Caution, ...] = ()


def from_ledger(
    sales: pl.DataFrame,
    fx: pl.DataFrame,
    traded: Callable[[str], str],
    facts: UnitFacts | None = None,
) -> FromLedger:
    """The models of a ledger.

    Args:
        sales: in the ``Sales`` columns, with at least one line; beside ``facts`` with ``sheet``,
            the name of one of several sheets that the line is from.
        fx: in the ``FxRates`` columns.
        traded: HS code of the ledger → the code under which the loaded data have its trade.
        facts: columns of the ledger that say something of a unit.
    """
    last: date = sales["on"].max()  # type: ignore[assignment]
    recent = sales.filter(pl.col("on") > year_before(last))
    known = unit_columns(_in_usd(recent, fx), facts)
    lines = known.lines
    codes = {code: traded(code) for code in lines["product"].drop_nulls().unique()}
    lines = lines.with_columns(
        name=spelled_models(pl.col("model")),
        code=pl.col("product").replace_strict(codes, default=None, return_dtype=pl.String),
    ).filter(pl.col("code").is_not_null())
    by_code = _unnamed(lines) or lines["name"].n_unique() > MOST
    key = "code" if by_code else "name"
    parts = [group for _, group in lines.group_by(key, maintain_order=True)]
    parts.sort(key=lambda group: (-_size(group), str(group[key][0])))
    counted = [group for group in parts if _unit(group) in UNITS]
    enough = _enough([size for size in map(_size, counted) if size > 0])
    uncounted = _names([group for group in parts if _unit(group) not in UNITS], by_code)
    rest = _names(counted[enough:], by_code)
    return FromLedger(
        tuple(_with_figures(group, by_code, known.headings) for group in counted[:enough]),
        (*rest, *uncounted),
        by_code,
        last,
        uncounted,
        known.headings,
        known.doubts,
    )


def _in_usd(lines: pl.DataFrame, fx: pl.DataFrame) -> pl.DataFrame:
    """Lines with ``usd`` and ``usd_of_yuan``; null in all where a currency has no rate."""
    try:
        yuan = lines.with_columns(amount=pl.lit(1, pl.Float64), currency=pl.lit("CNY"))
        of_yuan = in_usd(yuan, fx, {})["usd"].alias("usd_of_yuan")
        return in_usd(lines, fx, {}).with_columns(of_yuan)
    except MissingDataError:
        nothing = pl.lit(None, pl.Float64)
        sizes = pl.col("quantity").cast(pl.Float64)
        return lines.with_columns(sizes, usd=nothing, usd_of_yuan=nothing)


def _unnamed(lines: pl.DataFrame) -> bool:
    """Whether part of the sales names no model."""
    return bool(lines.select((pl.col("name").is_null() | (pl.col("name") == "")).any()).item())


def _size(group: pl.DataFrame) -> float:
    """Its sales in USD; where a currency has no rate, its units."""
    usd = group["usd"]
    return float((group["quantity"] if usd.null_count() else usd).sum())


def _unit(group: pl.DataFrame) -> str:
    """In which most of its lines count."""
    return str(group["unit"].mode().sort()[0])


def _enough(sizes: list[float]) -> int:
    """How many of the largest have nearly all; all where they are few."""
    if len(sizes) <= MOST:
        return len(sizes)
    total, reached = fsum(size for size in sizes if size > 0), 0.0
    for count, size in enumerate(sizes[:MOST], start=1):
        reached += size
        if reached >= ENOUGH * total:
            return count
    return MOST


def _names(parts: Iterable[pl.DataFrame], by_code: bool) -> tuple[str, ...]:
    """What the ledger calls them."""
    column = "product" if by_code else "model"
    return tuple(name for group in parts for name in sorted(group[column].unique()))


def _with_figures(group: pl.DataFrame, by_code: bool, headings: Mapping[str, str]) -> Shown:
    """A model with what the ledger's columns say of a unit."""
    shown = _shown(group, by_code)
    told = list(figures(group.filter(pl.col("unit") == shown.model.unit), headings))
    values: dict[str, Any] = {name: value for name, value, _ in told}
    about = {name: said for name, _, said in told}
    return replace(shown, model=replace(shown.model, **values, about=about))


def _shown(group: pl.DataFrame, by_code: bool) -> Shown:
    code, unit = str(group["code"].mode().sort()[0]), _unit(group)
    brands = group["brand"].drop_nulls().mode().sort()
    lines = group.filter(pl.col("unit") == unit)
    term = _term(lines)
    priced = lines.filter(pl.col("incoterm") == term) if term else lines
    price = _price(priced)
    model = TemplateModel(
        name=(product_name(code) or code) if by_code else str(group["model"][0]),
        code=code,
        brand=None if brands.is_empty() else "oem" if brands[0] == "oem" else "own",
        price_usd=price,
        unit=unit,
        six=_six(group["product"].unique().to_list()) if len(code) < SIX else "",
        price_term=term or "FOB",
        price_from="" if price is None else _said_price(priced, term),
    )
    usd = None if group["usd"].null_count() else float(group["usd"].sum())
    units, markets = float(lines["quantity"].sum()), group["market"].n_unique()
    names, codes = _names([group], by_code), tuple(sorted(group["product"].unique()))
    return Shown(model, names, codes, units, usd, markets, term)


def _term(lines: pl.DataFrame) -> str:
    """The price term of which its price is: a mean over several terms is none of them."""
    sold = {
        str(group["incoterm"][0]): _size(group)
        for _, group in lines.drop_nulls("incoterm").group_by("incoterm", maintain_order=True)
        if _price(group) is not None
    }
    return "FOB" if "FOB" in sold else max(sold, key=lambda term: (sold[term], term), default="")


SIX = 6
"""Digits of a code that every importer has alike; tariffs go by as many and more."""


def _six(codes: list[str]) -> str:
    """The one six-digit code of a model's lines; nothing where they have none, or several."""
    six_digit = {code[:SIX] for code in codes if len(code) >= SIX}
    return six_digit.pop() if len(six_digit) == 1 else ""


def _price(lines: pl.DataFrame) -> Decimal | None:
    """The mean price of a unit; nothing where it cannot be told."""
    units, usd = float(lines["quantity"].sum()), lines["usd"]
    if usd.null_count() or units <= 0 or float(usd.sum()) <= 0:
        return None
    price = Decimal(float(usd.sum()) / units)
    return price.quantize(Decimal("0.01") if price < 1000 else Decimal(1))


def _said_price(lines: pl.DataFrame, term: str) -> str:
    """From which lines a price is."""
    first, last = lines["on"].min(), lines["on"].max()
    values = {"units": fixed(float(lines["quantity"].sum()), 0), "first": first, "last": last}
    if not term:
        return say("study.begun_price_invoiced", **values)
    return say("study.begun_price_at", term=term, **values)
