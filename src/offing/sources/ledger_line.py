"""One line of a ledger: its day, market, goods, quantity and money, or why it cannot be used."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any

import polars as pl

from offing.sources import ledger_cells as cells
from offing.sources.headings import ONE, ColumnHeading, FileColumn, is_unit, unit_said
from offing.sources.numbers import KEPT, Amount, read_amount, read_currency
from offing.terms.errors import InputError
from offing.terms.money import is_sign_of
from offing.terms.text import normal

_OF_TWO_ORDERS = r"\d{1,2}[-/.]\d{1,2}[-/.]\d{4}|(0?[1-9]|1[0-2])[-/.](0?[1-9]|1[0-2])"
"""Days of which either number may be the month."""
IMPORTED = r"(?i)^\s*(进口|imports?|m)\s*$"
"""How a column of imports and exports calls an import."""
DELETED = r"\s*已?(删单|撤单)"
"""How a list of declarations calls one that was taken back."""
SUMS = "reference.total_line"
IMPORT = "reference.import_line"
TAKEN_BACK = "reference.declaration_taken_back"
NO_CODE = "reference.no_product"
SHOWN = ("invoice", "buyer", "market", "model", "quantity", "unit", "amount", "currency")
TEXTS = ("invoice", "buyer", "market", "product", "model", "brand")


DECLARED = re.compile(
    r"\A\s*(?:(?:\d|[^|｜]{0,30}(?:品牌类型|享惠)[^|｜]{0,60})\s{0,9}[|｜]\s{0,9})+"
)
"""What declared elements (规格型号) begin with: the kind of brand, and whether a preference is
claimed, which differs by market."""
_BRAND = re.compile(
    r"(?!无|没有|none\b)(?:(?:\d{1,2}[.:、]\s?)?(?:品牌|牌号|商标|brand)(?!类型)[^:：]{0,12}[:：]\s*(.+)|(.+牌)"
    r"(?:[(（].*)?|(.+) brand)",
    re.IGNORECASE,
)
_MODEL = re.compile(
    r"(?:\d{1,2}[.:、]\s?)?(?:(?:规格)?型号|货号|款号|model(?: no\.?)?)[:：\s]*(.+)", re.IGNORECASE
)
_NONE = re.compile(r"无.*|没有.*|none|n/?a|[-/\s]*", re.IGNORECASE)
_CODED = re.compile(r"(?=.*[A-Za-z])(?=.*\d)[A-Za-z\d][A-Za-z\d./+*_ -]{1,29}(?:型号?|系列)?")
_UNIT = (
    r"(?:[kmu]?[vwalgj]|k?hz|[cmdk]?m[23]?|[km]g|ml|kva|m?ah|inch|in|pcs|gsm|kwh|rpm|[tdhp]|bar)"
)
_MEASURE = re.compile(
    rf"[\d.,~*x×/ -]{{1,20}}{_UNIT}(?:[/~x×* -][\d.]{{0,6}}{_UNIT})?", re.IGNORECASE
)
_GRADE = re.compile(r"(?:sus|aisi|ss|q|al|hdpe|pa|pc|pp)[- ]?\d{1,4}[a-z]?", re.IGNORECASE)
"""What has letters and digits and is no model: 220V, 24CM, SUS304."""


@lru_cache(maxsize=KEPT)
def bare_model(name: str) -> str:
    """A ledger's name of a model; of declared elements brand and model, else those of the goods.

    >>> bare_model("4|3|微波加热|海川牌|MW20A|"), bare_model("用途:家用|品牌:巧厨|型号:FS-24")
    ('海川牌 MW20A', '巧厨 FS-24')
    >>> bare_model("1|0|针织|男式|棉100%"), bare_model("HC-65M")
    ('针织|男式|棉100%', 'HC-65M')
    """
    bare = DECLARED.sub("", name).strip(" |｜") or name
    parts = [part.strip() for part in re.split(r"[|｜]", bare) if part.strip()]
    if len(parts) < 2:
        return bare
    brands = [(n, found) for n, part in enumerate(parts) if (found := _BRAND.fullmatch(part))]
    after, brand = brands[0] if brands else (0, None)
    told = [found[1] for part in parts if (found := _MODEL.fullmatch(part))]
    coded = told or [part for part in parts[after:] if _looks_coded(part)]
    if len(coded) != 1 or _NONE.fullmatch(coded[0]):
        return bare
    named = next(filter(None, brand.groups())) if brand else ""
    return f"{named} {coded[0]}".strip()


def _looks_coded(part: str) -> bool:
    """Whether an element looks like the code of a model, and is no measure or grade of material."""
    return bool(_CODED.fullmatch(part)) and not (_MEASURE.fullmatch(part) or _GRADE.fullmatch(part))


@lru_cache(maxsize=KEPT)
def spelled_model(name: str) -> str:
    """A ledger's name of a model as names are compared.

    >>> spelled_model(" HC-65m "), spelled_model("1|0|电热|OV-30")
    ('hc-65m', 'ov-30')
    """
    return bare_model(name).strip().lower()


def spelled_models(names: pl.Expr) -> pl.Expr:
    """:func:`spelled_model` of a column."""
    return names.map_elements(spelled_model, pl.String)


@dataclass(frozen=True)
class RowParser:
    """How a ledger writes: its columns, order of days, usual currency, the models' codes.

    Attributes:
        uncounted: whether a line may have no quantity.
    """

    columns: Mapping[str, FileColumn]
    order: cells.DayOrder | None
    usual: str | None
    codes: Mapping[str, str] | None
    uncounted: bool = False

    @cached_property
    def stated_term(self) -> str | None:
        """The price term that the heading of the amounts names, as FOB总价 does."""
        column = self.columns.get("amount") or self.columns.get("price")
        return None if column is None else cells.read_incoterm(column.heading.text)

    def figure(self, row: Mapping[str, Any], name: str) -> Amount | None:
        """A cell in units of one, or ``None`` where it is no number."""
        column = self.columns.get(name)
        read = read_amount(row[name] or "", column.comma) if column else None
        if column is None or read is None or (read.counted and column.heading.scale != 1):
            return None
        return cells.round_product(read, column.heading.scale)


def line(row: Mapping[str, Any], ways: RowParser) -> dict[str, Any]:
    """The line in the columns of ``Sales``, and what price times quantity makes.

    Raises:
        InputError: its key is the reason.
    """
    _must_be_exported(row)
    on = _day(day_text(row), ways.order)
    market = cells.market_of(row["market"] or "", on.year)
    product = _product(row, ways)
    if cells.is_total(row[name] for name in cells.OF_TOTALS):
        raise InputError(SUMS)
    sold = _units_sold(row, ways)
    quantity, unit, pieces = sold
    amount = ways.figure(row, "amount")
    by_price = _amount_by_price(row, ways, sold, amount)
    if _price_in_other_money(row, ways, by_price, amount):
        by_price = None
    amount = amount if row["amount"] else by_price
    if amount is None:
        raise InputError("reference.bad_amount")
    _must_be_a_sale(amount.value, quantity)
    return {
        "on": on,
        "invoice": row["invoice"],
        "buyer": _if_said(row["buyer"], normal),
        "market": market,
        "product": product,
        "model": _model(row),
        "brand": _if_said(row["brand"], cells.read_brand),
        "quantity": quantity,
        "unit": unit,
        "amount": amount.value,
        "currency": _currency(row, amount, ways),
        "incoterm": ways.stated_term or _if_said(row["incoterm"], cells.read_incoterm),
        "row": row["row"],
        "by_price": by_price.value if by_price and row["amount"] else None,
        "shipper": row["shipper"],
        "pieces": pieces,
    }


def _must_be_exported(row: Mapping[str, Any]) -> None:
    if re.match(IMPORTED, row["flow"] or ""):
        raise InputError(IMPORT)
    if re.match(DELETED, row["status"] or ""):
        raise InputError(TAKEN_BACK)


def day_text(row: Mapping[str, Any]) -> str:
    """What a line says of its day: the day, else its month or year."""
    return str(row["on"] or cells.span_text(row["year"], row["month"]))


def _day(text: str, order: cells.DayOrder | None) -> date:
    today = date.today()  # noqa: DTZ011 - the user's own day
    on = cells.read_date(text, order)
    if on is None and (span := cells.last_day(text)) is not None:
        on, kind = span
        if kind == "year" and on.year == today.year:
            raise InputError("reference.year_not_over")
        if kind != "year" and (on.year, on.month) == (today.year, today.month):
            return on
    if on is None:
        looks = re.fullmatch(_OF_TWO_ORDERS, normal(text))
        raise InputError(
            "reference.ambiguous_date" if looks and order is None else "reference.bad_date"
        )
    if on > today:
        raise InputError("reference.day_to_come")
    return on


def _if_said(text: str | None, read: Callable[[str], str | None]) -> str | None:
    return read(text) if text else None


def _must_be_a_sale(value: Decimal, quantity: Decimal) -> None:
    if not value and not quantity:
        raise InputError("reference.nothing_sold")
    if value * quantity < 0:
        raise InputError("reference.signs_differ")


def _product(row: Mapping[str, Any], ways: RowParser) -> str | None:
    """The line's own code, else that of its model; none where no model of the study has its name.

    A line with a model and no code has none yet.

    Raises:
        InputError: its key is the reason.
    """
    text = row["product"] or ""
    if ways.codes is not None and (name := _model(row)) and (not text or name == text):
        return ways.codes.get(spelled_model(name))
    if not text and row["model"]:
        return None  # the model's other lines may say it
    if not text:
        raise InputError(NO_CODE)
    product = cells.read_code(text)
    if product is None:
        digits = re.sub(r"\D", "", text)
        odd = len(digits) % 2 == 1 and len(digits) < 10 and not re.search(r"[^\W\d_]", text)
        raise InputError("reference.lost_zero" if odd else "reference.bad_product")
    return product


def _model(row: Mapping[str, Any]) -> str | None:
    """The line's model; a product that has letters and is no code is the firm's own name for it."""
    product = row["product"] or ""
    own = cells.read_code(product) is None and re.search(r"[^\W\d_]", product)
    return row["model"] or (product if own else None)


_UNIT_BESIDE = re.compile(r"([\d.,'\s()+-]*\d\)?)\s*([^\W\d_]{1,8})\.?")
"""A quantity with its unit in one cell: 1,200 台, 500pcs."""
DASHES = " -–—―－"
"""What stands for no quantity in statistics, beside nothing."""
_BETWEEN = re.compile(r"(?<=[^\W\d_])\.?\s*[/;；、,，\s]\s*(?=\d)")
"""Between quantities of one cell, each with its unit: 1,200件/360千克."""


def _quantity_and_unit(row: Mapping[str, Any], ways: RowParser) -> tuple[Amount | None, str | None]:
    """The quantity's cell as a number, and the unit beside it, else that of the unit's column."""
    figure = ways.figure(row, "quantity")
    parts = _BETWEEN.split(normal(row["quantity"] or "")) if figure is None else []
    several = [one for part in parts if (one := _UNIT_BESIDE.fullmatch(part)) and is_unit(one[2])]
    if len(several) > 1:
        several = [one for one in several if _is_priced(one[1], row, ways)]
    beside = several[0] if several else None
    if beside is None:
        return figure, row["unit"]
    if row["unit"] and unit_said(row["unit"]) != unit_said(beside[2]):
        raise InputError("reference.two_units")
    return ways.figure({"quantity": beside[1]}, "quantity"), beside[2]


def _is_priced(text: str, row: Mapping[str, Any], ways: RowParser) -> bool:
    """Whether a quantity times the price makes the amount; a declaration's cell has several."""
    figures = ({"quantity": text}, "quantity"), (row, "price"), (row, "amount")
    counted, price, amount = (ways.figure(of, name) for of, name in figures)
    made = counted and price and cells.round_product(price, counted.value)
    if not made or not amount:
        return False
    return abs(made.value - amount.value) <= abs(amount.value) * ONE_FIGURE


Sold = tuple[Decimal, str, Decimal]
"""The quantity, its unit, and how many of it are one of what the line counts: 12 where dozens."""


def _units_sold(row: Mapping[str, Any], ways: RowParser) -> Sold:
    """What a line sold; in statistics none is 0."""
    if ways.uncounted and not normal(row["quantity"] or "").strip(DASHES):
        return Decimal(0), "item", ONE
    return _quantity(row, ways)


def _quantity(row: Mapping[str, Any], ways: RowParser) -> Sold:
    """In the unit of the line, or of the heading: there a dozen are 12 items."""
    figure, written = _quantity_and_unit(row, ways)
    heading = ways.columns["quantity"].heading
    unit, times = unit_said(written) if written else (heading.unit, heading.per_unit)
    if figure is not None and unit:
        figure = cells.round_product(figure, times)
    if figure is None or figure.currency:
        raise InputError("reference.bad_quantity")
    stated, said = (heading.unit, heading.per_unit), (unit, times)
    if heading.unit and unit in ("item", "kg") and said != stated:  # 数量（千件） beside 件
        raise InputError("reference.two_units")
    return figure.value, unit or "item", times


def _amount_by_price(
    row: Mapping[str, Any], ways: RowParser, sold: Sold, amount: Amount | None
) -> Amount | None:
    """Price times quantity, in the units that the two headings say.

    Under a price without a unit it is of what is counted, 万件, or of one of them: which of the two
    makes the amount, where one is there.
    """
    price = ways.figure(row, "price") if row["price"] else None
    if price is None:
        return None
    quantity, unit, own = sold
    per = ways.columns["price"].heading
    if per.unit and per.unit != unit:
        raise InputError("reference.two_units")
    pieces = per.per_unit if per.unit else own
    by_units = cells.round_product(price, quantity / pieces)
    if per.unit or pieces == 1 or amount is None or not row["amount"]:
        return by_units
    by_pieces = cells.round_product(price, quantity)
    candidates = [candidate for candidate in (by_units, by_pieces) if candidate is not None]
    return min(candidates, key=lambda candidate: abs(candidate.value - amount.value), default=None)


ONE_FIGURE = Decimal("0.01")
"""How near price times quantity comes to an amount that it makes."""


def _price_in_other_money(
    row: Mapping[str, Any], ways: RowParser, by_price: Amount | None, amount: Amount | None
) -> bool:
    """Whether the price, by its cell or heading, is in other money than the line's amount.

    Raises:
        InputError: it makes the amount all the same: one of the two currencies is wrong.
    """
    if by_price is None or amount is None or not row["amount"]:
        return False
    heading = ways.columns["price"].heading
    stated = ways.figure(row, "price")
    named = (stated.currency if stated else None) or heading.currency
    if named in (None, _currency(row, amount, ways)) or any_yuan(heading):
        return False
    if abs(by_price.value - amount.value) <= ONE_FIGURE * abs(amount.value):
        raise InputError("reference.two_currencies")
    return True


def any_yuan(heading: ColumnHeading) -> bool:
    """Whether a heading says 元 alone: beside a column of currencies a unit of any money."""
    plain = heading.text.upper()
    return heading.currency == "CNY" and not re.search("人民币|RMB|CN[YH]|[¥￥]", plain)


def _currency(row: Mapping[str, Any], amount: Amount, ways: RowParser) -> str:
    """Of the line, which its cell, its amount and the heading of the amount must agree on."""
    text = row["currency"]
    named = read_currency(text) if text else None
    heading = ways.columns["amount" if row["amount"] else "price"].heading
    if text and named is None:
        raise InputError("reference.unknown_currency")
    if named and heading.currency not in (None, named) and not any_yuan(heading):
        raise InputError("reference.two_currencies")
    currency = named or amount.currency or ways.usual
    if not amount.is_in(currency) or (heading.sign and not is_sign_of(heading.sign, currency)):
        raise InputError("reference.two_currencies")
    if currency is None:
        said = ("line_without_currency", "sign_of_several")[amount.sign is not None]
        raise InputError(f"reference.{said}")
    return currency
