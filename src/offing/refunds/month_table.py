"""Columns of a months file: the names that a person may give them, and how a row is read."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache

from offing.refunds.months import ZERO
from offing.refunds.rates import plain_code
from offing.terms.amounts import SIMPLE, amount, rate
from offing.terms.errors import InputError, Where
from offing.terms.nearest import nearest

COLUMNS: dict[str, tuple[str, ...]] = {
    "period": ("month", "所属期", "申报年月", "月份"),
    "export_date": ("exported", "出口日期"),
    "fob_cny": ("export_fob_cny", "离岸价", "离岸价人民币", "出口销售额", "免抵退出口销售额"),
    "fob_fc": ("export_fob_fc", "离岸价外币", "外币离岸价", "美元离岸价"),
    "fx": ("export_fx", "汇率", "折合率", "人民币折合率"),
    "levy_rate": ("征税率", "法定征税率", "征税税率"),
    "refund_rate": ("rebate_rate", "退税率"),
    "material_cny": ("exempt_material", "免税料件", "免税购进原材料", "免税购进原材料价格"),
    "processing_fob_cny": ("进料加工离岸价", "进料加工出口货物离岸价"),
    "plan_ratio": ("计划分配率",),
    "actual_ratio": ("实际分配率",),
    "deemed_domestic": ("视同内销", "视同内销征税"),
    "group": ("商品组", "类别"),
    "code": ("hs", "hs_code", "商品编码", "商品代码"),
    "domestic_output_tax": ("output_tax", "销项税额", "销项", "内销销项税额"),
    "input_tax": ("进项", "进项税额"),
    "opening_credit": ("上期留抵", "上期留抵税额", "期初留抵"),
    "opening_reduction_nd": ("上期结转不得免征和抵扣税额抵减额",),
    "opening_reduction_ecr": ("上期结转免抵退税额抵减额",),
    "invoice_gross": ("价税合计", "含税金额"),
    "invoice_net": ("net_cny", "不含税金额", "金额", "计税金额"),
    "invoice_rate": ("发票税率", "专票税率", "税率"),
    "name": ("product", "商品名称", "品名"),
}
"""Our name → other names, in any case, with or without spaces and underscores."""


def plain_name(name: str) -> str:
    """A column name without case, spaces, underscores and what stands in brackets."""
    text = unicodedata.normalize("NFKC", name).strip().lower()
    return text.split("(")[0].replace(" ", "").replace("_", "")


_KNOWN = {plain_name(other): ours for ours, others in COLUMNS.items() for other in (ours, *others)}


def known_columns(header: Sequence[str], where: Where) -> dict[str, int]:
    """Our name → position. Columns with other names are left alone.

    Raises:
        InputError: ``refund.column_twice`` where two columns mean the same.
    """
    found: dict[str, int] = {}
    for position, name in enumerate(header):
        ours = _KNOWN.get(plain_name(name))
        if ours is None:
            continue
        if ours in found:
            raise InputError("refund.column_twice", where=where, column=name, same=ours)
        found[ours] = position
    return found


def near_columns(header: Sequence[str]) -> dict[str, str]:
    """Unread headings that look like a misspelt one of ours → the heading that was meant.

    >>> near_columns(["period", "input_tax", "domestic_output_txa"])
    {'domestic_output_txa': 'domestic_output_tax'}
    """
    read = {_KNOWN[plain] for name in header if (plain := plain_name(name)) in _KNOWN}
    wanted = {
        plain_name(other): other
        for ours, others in COLUMNS.items()
        for other in (ours, *others)
        if ours not in read
    }
    return {
        name.strip(): wanted[near]
        for name in header
        if plain_name(name) not in _KNOWN and (near := nearest(plain_name(name), wanted, 0.8))
    }


def period_of(text: str, where: Where | None = None) -> str:
    """``2026-03`` from ``2026-03``, ``202603``, ``2026/3`` or ``2026年3月``.

    Raises:
        InputError: ``refund.bad_period``.

    >>> period_of("2026年3月"), period_of("202603")
    ('2026-03', '2026-03')
    """
    period = _period(text)
    if period is None:
        raise InputError("refund.bad_period", where=where, text=text)
    return period


@lru_cache(maxsize=4096)
def _period(text: str) -> str | None:
    plain = unicodedata.normalize("NFKC", text).strip().rstrip("月")
    for mark in "年/.":
        plain = plain.replace(mark, "-")
    if len(plain) == 6 and plain.isdigit():
        plain = f"{plain[:4]}-{plain[4:]}"
    year, _, month = plain.partition("-")
    if len(year) == 4 and year.isdigit() and month.isdigit() and 1 <= int(month) <= 12:
        return f"{year}-{int(month):02d}"
    return None


def day_of(text: str, where: Where | None = None) -> date:
    """A date written ``2026-03-09``, ``20260309``, ``2026/3/9`` or ``2026年3月9日``.

    Raises:
        InputError: ``refund.bad_date``.

    >>> day_of("2026年3月9日")
    datetime.date(2026, 3, 9)
    """
    day = _day(text)
    if day is None:
        raise InputError("refund.bad_date", where=where, text=text)
    return day


@lru_cache(maxsize=4096)
def _day(text: str) -> date | None:
    plain = unicodedata.normalize("NFKC", text).strip().split(" ")[0].rstrip("日")
    for mark in "年月/.":
        plain = plain.replace(mark, "-")
    try:
        if plain.isdigit():
            return date.fromisoformat(plain)
        year, month, day = (int(part) for part in plain.split("-"))
        return date(year, month, day)
    except ValueError:
        return None


def beyond(cells: Sequence[str], columns: int) -> str:
    """What stands in the cells of a row after the last column of its header.

    >>> beyond(["2026-01", "1", "000", ""], 2)
    '000'
    """
    return " ".join(cell.strip() for cell in cells[columns:] if cell.strip())


@lru_cache(maxsize=1024)
def _share(text: str) -> Decimal | None:
    try:
        return rate(text, name="")
    except InputError:
        return None


@dataclass(frozen=True)
class Row:
    """One row of a file: our column names → cells, and → the file's own names.

    ``beyond`` is what stands in cells after the last column of the header.
    """

    cells: Mapping[str, str]
    where: Where
    header: Mapping[str, str] = field(default_factory=dict)
    beyond: str = ""

    def must_fit(self) -> None:
        """Refuse a row with more cells than the header: a figure was split, and all after it moved.

        Raises:
            InputError: ``refund.too_many_cells``.
        """
        if self.beyond:
            raise InputError("refund.too_many_cells", where=self.where, beyond=self.beyond)

    def at(self, column: str) -> Where:
        """The place of a cell."""
        return Where(self.where.file, self.where.row, self.header.get(column, column))

    def has(self, column: str) -> bool:
        """Whether the cell is filled."""
        cell = self.cells.get(column)
        return cell is not None and cell.strip() != ""

    def money(self, column: str) -> Decimal:
        """An amount; zero where the cell is empty."""
        cell = self.cells.get(column, "")
        if SIMPLE.fullmatch(cell):
            return Decimal(cell)
        return amount(cell, where=self.at(column)) if cell.strip() else ZERO

    def share(self, column: str) -> Decimal:
        """A rate."""
        text = self.cells.get(column, "")
        share = _share(text)
        return rate(text, name=column, where=self.at(column)) if share is None else share

    def code(self) -> str:
        """The customs code without its dots; empty where the cell is.

        Raises:
            InputError: ``refund.bad_code`` where it is no code.

        >>> Row({"code": "8507.60.00.90"}, Where()).code()
        '8507600090'
        """
        text = self.cells.get("code", "")
        plain = plain_code(text)
        if plain and not re.fullmatch(r"[0-9]{2,13}", plain):
            raise InputError("refund.bad_code", where=self.at("code"), text=text.strip())
        return plain

    def yes(self, column: str) -> bool:
        """Whether the cell says yes.

        Raises:
            InputError: ``refund.bad_yes`` where it says neither yes nor no.
        """
        text = self.cells.get(column, "").strip().casefold()
        if text in ("是", "yes", "y", "true", "1", "√"):
            return True
        if text in ("", "否", "no", "n", "false", "0"):
            return False
        raise InputError("refund.bad_yes", where=self.at(column), text=text)

    def day(self, column: str) -> date | None:
        """A date, where the cell is filled."""
        if not self.has(column):
            return None
        return _day(self.cells[column]) or day_of(self.cells[column], self.at(column))

    def period(self) -> str:
        """The month it belongs to: its own column, else the month of the export."""
        if not self.has("period") and (day := self.day("export_date")):
            return f"{day:%Y-%m}"
        text = self.cells.get("period", "")
        return _period(text) or period_of(text, self.at("period"))
