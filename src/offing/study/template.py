"""A first study file from a few answers, or from a ledger: TOML that a person would write.

What was not asked has the study file's own default and is not written. Figures taken over from an
example are marked as illustrative beside the figure. What only the firm knows and has not said yet
stands in the file as a line to fill in, and nothing is put in its place.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import accumulate, chain, count
from math import fsum
from pathlib import Path
from typing import Any

import polars as pl

from offing.ladders.own_sales import rated_sales
from offing.sources.ledger_line import bare_model, spelled_model, spelled_models
from offing.sources.unit_facts import UnitFacts
from offing.study.edit import Change, apply_changes, change_at, key_at, places_named, required_keys
from offing.study.examples import examples
from offing.study.file import must_read
from offing.study.sales_history import short_year, year_before
from offing.study.schema import ArticleFacts, Shipping
from offing.study.unit_costs import add_given, figures, unit_columns
from offing.terms.caution import Caution
from offing.terms.errors import InputError, Where
from offing.terms.limits import parse_toml
from offing.terms.messages import join_list, room_messages, say
from offing.terms.numbers import fixed_decimals
from offing.terms.products import product_label
from offing.terms.whole_file import write_text

SHIPPING = required_keys(Shipping)
"""The firm's own figures of a shipment, in the order in which they are asked for."""
FIGURES = required_keys(ArticleFacts)[2:]
"""Of a model beside its name and code, in the order in which they are written."""

TO_FILL = "#? "
"""Before a line that waits for the firm's own figure."""


@dataclass(frozen=True)
class TemplateModel:
    """A model as far as it is known; what is ``None`` is left to be filled in.

    Attributes:
        name: what the firm calls it.
        code: its HS code.
        brand: ``own`` or ``oem``.
        price_usd: asked for a unit, at ``price_term``.
        cost_cny: of a unit, without value-added tax.
        input_vat_cny: that the materials of a unit carry.
        kg: of a packed unit.
        m3: of a packed unit.
        unit: what a unit is: ``item`` or ``kg``.
        refund_rate: of the export refund (出口退税率), a share; ``None`` leaves it to our lists.
        price_from: where its price is from, in words.
        price_term: on which it is.
        refund_about: what its refund rate is of, in words; without one, no line waits for it.
        about: other figures of a unit → where they are from, in words.
    """

    name: str
    code: str
    brand: str | None = None
    price_usd: Decimal | None = None
    cost_cny: Decimal | None = None
    input_vat_cny: Decimal | None = None
    kg: Decimal | None = None
    m3: Decimal | None = None
    unit: str = "item"
    refund_rate: Decimal | None = None
    price_from: str = ""
    price_term: str = "FOB"
    refund_about: str = ""
    about: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class StudyTemplate:
    """What a first study is written from; amounts as the study file has them.

    Attributes:
        title: of the study, by language.
        on: the day of its rules and rates.
        models: what the firm makes.
        firm: its name; ``None``, here and below, is left to be filled in.
        city: where its goods leave from.
        vat_status: ``manufacturer``, ``trader`` or ``small_scale``.
        capacity: units that can be made in a year.
        shipping: see :data:`SHIPPING`.
        taken_over: those of them that are an example's.
        ledger: keys of the study's ``[ledger]`` and their values.
    """

    title: Mapping[str, str]
    on: date
    models: Sequence[TemplateModel]
    firm: str | None = None
    city: str | None = None
    vat_status: str = "manufacturer"
    capacity: Decimal | None = None
    shipping: Mapping[str, Decimal] = field(default_factory=dict)
    taken_over: frozenset[str] = frozenset()
    ledger: Mapping[str, object] = field(default_factory=dict)


@cache
def usual_shipping() -> dict[str, Decimal]:
    """The figures of the first example's ``[shipping]``, which are illustrative."""
    file = examples()[0].folder / "study.toml"
    shipping = parse_toml(file.read_text("utf-8"), parse_float=Decimal)["shipping"]
    return {name: Decimal(shipping[name]) for name in SHIPPING}


def toml_of(beginning: StudyTemplate) -> str:
    """The study file."""
    return "\n".join(_lines(beginning)) + "\n"


def _lines(begun: StudyTemplate) -> Iterator[str]:
    yield f"# {say('study.begun_from_ledger' if begun.ledger else 'study.begun_comment')}"
    yield ""
    yield "schema = 2"
    yield f"on = {begun.on.isoformat()} # {say('study.begun_on')}"
    named = ", ".join(f"{lang} = {toml_text(text)}" for lang, text in begun.title.items())
    yield f"title = {{ {named} }}"
    yield ""
    yield "[firm]"
    yield _line("name", begun.firm, "", key_at(("firm", "name")).label)
    yield 'origin = "CHN"'
    yield _line("city", begun.city, "", key_at(("firm", "city")).label)
    yield _line("vat_status", begun.vat_status, say("study.begun_status") * bool(begun.ledger))
    if begun.ledger:
        yield f"# {say('study.begun_month')}"
    keys: set[str] = set()
    for model in begun.models:
        yield from _model(model, keys)
    yield from ("", "[[plant]]", 'key = "home"', 'country = "CHN"')
    name = _line("name", room_messages("study")["begun_line"])
    yield from ("", "[[plant.line]]", 'key = "main"', name)
    yield _line("hours", begun.capacity, say("study.begun_capacity"))
    yield from ("", "[shipping]")
    for name in SHIPPING:
        mark = say("study.begun_illustrative") if name in begun.taken_over else ""
        yield _line(name, begun.shipping.get(name), mark, key_at(("shipping", name)).label)
    if begun.ledger:
        yield from ("", "[ledger]")
        for name, value in begun.ledger.items():
            yield _line(name, value, say("study.begun_keep_prices") * (name == "keep_prices"))
        yield from ("", f"# {say('study.begun_settlement')}")
        yield from ("# [settlement]", "# days = 90", '# accepts = ["USD"]')


def _model(model: TemplateModel, keys: set[str]) -> Iterator[str]:
    """One ``[[model]]``; its key is none of ``keys``, which it joins."""
    key = key_of(model.name)
    numbered = (f"{key[:36]}-{number}" for number in count(2))
    key = next(candidate for candidate in chain((key,), numbered) if candidate not in keys)
    keys.add(key)
    yield from ("", "[[model]]", _line("key", key))
    yield from (_line("name", model.name), _line("code", model.code))
    if model.unit != "item":
        yield _line("unit", model.unit)
    if model.brand is not None:
        yield _line("brand", model.brand)
    yield from _figures(model)
    if model.refund_rate is not None or model.refund_about:
        about = model.refund_about or say("study.begun_refund_rate")
        yield _line("refund_rate", model.refund_rate, about)


def _figures(model: TemplateModel) -> Iterator[str]:
    """The figures of a model, the term of its price below that."""
    for name in FIGURES:
        about = model.price_from if name == "price_usd" else model.about.get(name, "")
        yield _line(name, getattr(model, name), about or key_at(("model", name)).label)
        if name == "price_usd" and model.price_term != "FOB":
            yield _line("price_term", model.price_term)


def _line(name: str, value: object, about: str = "", label: str = "") -> str:
    """A key with its value and what is said about it; one to fill in always says what it is."""
    if value is None:
        return f"{TO_FILL}{name} = # {about or label}"
    return f"{name} = {toml_value(value)}" + (f" # {about}" if about else "")


def unanswered_fields(text: str) -> dict[str, str]:
    """What waits for the firm's own figure in a begun study, in the file's order.

    Returns:
        the place in the file (``model.0.cost_cny``) → what it is, in words.
    """
    return {name: about for _, name, about in _place_fields(text) if name}


def last_step(place: str) -> str:
    """The key of a place: ``cost_cny`` of ``model.0.cost_cny``."""
    return place.rpartition(".")[2]


def fill_in(text: str, answers: Mapping[str, object]) -> str:
    """A study file with what was answered: what it waits for, and any other key of it.

    A key of several models is named with its place: model.0.cost_cny, model.hc-75.cost_cny; with
    a star it is that of all of them.

    Raises:
        InputError: ``errors.unknown_name``, of a value that cannot be, or as :func:`must_read`.
    """
    waits = unanswered_fields(text)
    counts = Counter(map(last_step, waits))
    names = {key: name for name in waits if counts[key := last_step(name)] == 1}
    values, rest, data = dict[str, object](), list[Change](), parse_toml(text)
    every = [(one, said) for name, said in answers.items() for one in places_named(data, name)]
    for name, value in every:
        change = change_at(data, names.get(name, name), str(value))
        if (place := ".".join(map(str, change.place))) in waits:
            values[place] = change.value
        else:
            rest.append(change)
    text = fill_template(text, values)
    text = apply_changes(text, rest) if rest else text
    if answers:
        must_read(text, waits=bool(unanswered_fields(text)))
    return text


def answer_study(study: Path, answers: Mapping[str, object]) -> None:
    """Write answers into a study file; what its checker refuses is not written.

    Raises:
        InputError: as :func:`fill_in`.
    """
    file = study / "study.toml" if study.is_dir() else study
    if not file.is_file():
        raise InputError("study.no_file", where=Where(file), path=file)
    try:
        write_text(file, fill_in(file.read_text("utf-8"), answers))
    except InputError as error:
        error.where = error.where and replace(error.where, file=file)
        if error.values.get("step") == say("study.bad_value_step"):
            error.values = {**error.values, "step": say("study.answer_again")}
        raise


def fill_template(
    text: str, answers: Mapping[str, object], usual: Mapping[str, object] | None = None
) -> str:
    """A begun study with what the firm says.

    Args:
        text: of the file.
        answers: place as in :func:`unanswered_fields` → its value; what is not answered waits on.
        usual: an example's figures that were offered: one that was left is not the firm's own.
    """
    lines = []
    for line, name, about in _place_fields(text):
        value, key = answers.get(name), last_step(name)
        if value is None:
            lines.append(line)
            continue
        if usual and value == usual.get(key):
            about = say("study.begun_illustrative")
        lines.append(_line(key, value, about))
    return "\n".join(lines) + "\n"


def _place_fields(text: str) -> Iterator[tuple[str, str, str]]:
    """Each line of a file, with its place and what it is where it waits."""
    table, seen = "", dict[str, int]()
    for line in text.splitlines():
        if header := re.fullmatch(r"(\[\[?)([\w.]+)\]\]?", line):
            if header[1] == "[[":
                seen[header[2]] = seen.get(header[2], -1) + 1
            names = header[2].split(".")
            beginnings = (".".join(names[: number + 1]) for number in range(len(names)))
            steps = zip(names, map(seen.get, beginnings), strict=True)
            table = ".".join(name if at is None else f"{name}.{at}" for name, at in steps)
        key, _, about = line.removeprefix(TO_FILL).partition(" = # ")
        yield line, f"{table}.{key}" if line.startswith(TO_FILL) else "", about


def toml_value(value: object) -> str:
    """A text, a figure, a list of texts or an inline table of them."""
    if isinstance(value, Mapping):
        inside = (f"{toml_text(key)} = {toml_value(item)}" for key, item in value.items())
        return "{ " + ", ".join(inside) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(toml_value, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return toml_text(value) if isinstance(value, str) else str(value)


def toml_text(value: Any) -> str:
    """A TOML string."""
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[\x00-\x1f\x7f]", " ", escaped) + '"'


def key_of(name: str) -> str:
    """A model's key from its name; a full stop would part it where it is typed: model.KEY.kg.

    >>> key_of("55-inch QLED television")
    '55-inch-QLED-television'
    """
    return re.sub(r"[^\w+-]+", "-", name).strip("-")[:40] or "model"


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
        share: of the sales of these months that the models have; ``None`` where nothing was sold.
        short_year: first day and months of a ledger that has no twelve months.
    """

    shown: tuple[Shown, ...]
    left_out: tuple[str, ...]
    by_code: bool
    last: date
    uncounted: tuple[str, ...] = ()
    headings: Mapping[str, str] = field(default_factory=dict)
    doubts: tuple[Caution, ...] = ()
    share: float | None = None
    short_year: tuple[date, int] | None = None


def from_ledger(
    sales: pl.DataFrame,
    fx: pl.DataFrame,
    facts: UnitFacts | None = None,
    given: pl.DataFrame | None = None,
) -> FromLedger:
    """The models of a ledger.

    Args:
        sales: in the ``Sales`` columns, with at least one line; beside ``facts`` with ``sheet``,
            the name of one of several sheets that the line is from.
        fx: in the ``FxRates`` columns.
        facts: columns of the ledger that say something of a unit.
        given: what a person says of its models, see :func:`add_given`.
    """
    last: date = sales["on"].max()  # type: ignore[assignment]
    recent = sales.filter(pl.col("on") > year_before(last))
    every, headings, doubts = unit_columns(_lines_in_usd(recent, fx), facts)
    lines = every.drop_nulls("product").with_columns(
        name=spelled_models(pl.col("model")), code=pl.col("product").str.slice(0, SIX)
    )
    if given is not None:
        lines, headings = add_given(lines, headings, given, _labels(lines["code"].unique()))
    unnamed = (lines["name"].fill_null("") == "").any()
    by_code = unnamed or lines["name"].n_unique() > MOST
    key = "code" if by_code else "name"
    parts = [group for _, group in lines.group_by(key, maintain_order=True)]
    parts.sort(key=lambda group: (-_size(group), str(group[key][0])))
    counted = [group for group in parts if _unit(group) in UNITS]
    enough = _enough([size for size in map(_size, counted) if size > 0])
    uncounted = _names([group for group in parts if _unit(group) not in UNITS], by_code)
    rest = _names(counted[enough:], by_code)
    uncoded = every.filter(pl.col("product").is_null())["model"].drop_nulls().unique().sort()
    shown = tuple(_shown_model(group, by_code, headings) for group in counted[:enough])
    gone = *rest, *uncounted, *uncoded
    share = _share_shown(counted[:enough], every)
    doubts = (*doubts, *_lines_without_rate(every))
    short = short_year(sales, last)
    return FromLedger(shown, gone, by_code, last, uncounted, headings, doubts, share, short)


def _share_shown(shown: Sequence[pl.DataFrame], every: pl.DataFrame) -> float | None:
    """What the models shown have of all sales; ``None`` where that is not known."""
    whole = 0.0 if every["usd"].null_count() else float(every["usd"].sum())
    return fsum(map(_size, shown)) / whole if whole > 0 else None


def _lines_without_rate(every: pl.DataFrame) -> Iterator[Caution]:
    if (lines := every.filter(pl.col("usd").is_null())).height:
        codes = join_list(lines["currency"].unique().sort())
        yield Caution("begin.no_rate", {"count": lines.height, "currency": codes})


def _labels(codes: Iterable[str]) -> pl.Expr:
    """What the model of a line's code is called, as names are compared."""
    labels = {code: spelled_model(product_label(code)) for code in codes}
    return pl.col("code").replace_strict(labels, default=None, return_dtype=pl.String)


def _lines_in_usd(lines: pl.DataFrame, fx: pl.DataFrame) -> pl.DataFrame:
    """Lines with ``usd`` and ``usd_of_yuan``; null where there is no rate."""
    yuan = lines.with_columns(amount=pl.lit(1, pl.Float64), currency=pl.lit("CNY"))
    of_yuan = rated_sales(yuan, fx, {})["usd"].alias("usd_of_yuan")
    return rated_sales(lines, fx, {}).with_columns(of_yuan)


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
    least = ENOUGH * fsum(size for size in sizes if size > 0)
    reached = accumulate(sizes[:MOST])
    return next((number for number, size in enumerate(reached, start=1) if size >= least), MOST)


def _names(parts: Iterable[pl.DataFrame], by_code: bool) -> tuple[str, ...]:
    """What the ledger calls them."""
    column = "product" if by_code else "model"
    return tuple(name for group in parts for name in sorted(group[column].unique()))


def _shown_model(group: pl.DataFrame, by_code: bool, headings: Mapping[str, str]) -> Shown:
    """A model with what the ledger's columns say of a unit."""
    code, unit = str(group["code"].mode().sort()[0]), _unit(group)
    brands = group["brand"].drop_nulls().mode().sort()
    lines = group.filter(pl.col("unit") == unit)
    told = list(figures(lines, headings))
    values: dict[str, Any] = {name: value for name, value, _ in told}
    term = _term(lines)
    priced = lines.filter(pl.col("incoterm") == term) if term else lines
    price = _price(priced)
    model = TemplateModel(
        name=product_label(code) if by_code else bare_model(str(group["model"][0])),
        code=code,
        brand=None if brands.is_empty() else "oem" if brands[0] == "oem" else "own",
        price_usd=price,
        unit=unit,
        price_term=term or "FOB",
        price_from="" if price is None else _said_price(priced, term),
        about={name: said for name, _, said in told},
        **values,
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


def _price(lines: pl.DataFrame) -> Decimal | None:
    """The mean price of a unit; nothing where it is unknown."""
    units, usd = float(lines["quantity"].sum()), lines["usd"]
    if usd.null_count() or units <= 0 or float(usd.sum()) <= 0:
        return None
    price = Decimal(float(usd.sum()) / units)
    return price.quantize(Decimal("0.01") if price < 1000 else Decimal(1))


def _said_price(lines: pl.DataFrame, term: str) -> str:
    """From which lines a price is."""
    key = "study.begun_price_at" if term else "study.begun_price_invoiced"
    units = fixed_decimals(float(lines["quantity"].sum()), 0)
    return say(key, term=term, units=units, first=lines["on"].min(), last=lines["on"].max())
