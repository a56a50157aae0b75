"""What the lines around a table say of its figures: 单位：万元 above the headings, a note below.

Firms write the unit of a whole table once, above or below it. A heading that says its own wins;
what is said around the table is otherwise that of every amount of money.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from offing.sources.headings import ONE, Column, said_by
from offing.terms.text import normal

_SAID = re.compile(
    r"单位\s*(?:\([^)]*\))?\s*[:=为是]*\s*([^:].*)"
    r"|\b(?:units?|currency|amounts?|figures|values)\s*(?::|=|\bare\b|\bin\b)+\s*(.+)"
    r"|\bin\s+(.+)|[(\[【]([^(\[【)\]】]*+)[)\]】]",
    re.IGNORECASE,
)
_NOTE = re.compile(
    r"\W*(?:注|备注|说明|制表|填表|审核|复核|批准|经办|负责|日期|单位|数据来源|资料来源"
    r"|notes?\b|source|remarks?\b|prepared|checked|approved|第\s*\d+\s*页|page\s*\d+)|[*※]",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class StatedUnit:
    """A unit of money that is said beside a table.

    The figures are multiplied by ``scale``.
    """

    text: str
    scale: Decimal
    currency: str | None


def is_note(cells: Iterable[str | None]) -> bool:
    """Whether a row is a line of words below a table, such as 制表人：张三 or Note: without tax.

    >>> is_note(["制表人：张三", ""]), is_note(["2026-01", ""]), is_note(["Note: net", "5"])
    (True, False, False)
    >>> is_note(["第 1 页 共 3 页"]), is_note(["Page 2"])
    (True, True)
    >>> is_note(["审核：李四", "", "财务：王五"]), is_note(["审核：李四", "5"])
    (True, False)
    """
    filled = [normal(cell) for cell in cells if cell]
    if len(filled) == 1:
        return bool(_NOTE.match(filled[0]))
    return bool(filled) and all(map(SIGNED.match, filled))


SIGNED = re.compile(r"[^\d:：]{1,16}[:：]")
"""A cell of the signatures below a table: who made it, who checked it."""


def stated_unit(lines: Iterable[Iterable[str | None]]) -> StatedUnit | None:
    """The first unit of money that lines around a table name; yuan of one are none.

    >>> stated_unit([["出口明细", "制表：李娜  单位：万元"]]).scale
    Decimal('10000')
    >>> stated_unit([["Sales of 2024 (USD '000)"]]).currency
    'USD'
    >>> stated_unit([["填表单位：青岛某公司", "单位：台"]])
    """
    for cell in (cell for cells in lines for cell in cells if cell):
        for match in _SAID.finditer(normal(cell)):
            money = _money(next(filter(None, match.groups()), ""))
            if money is not None:
                return StatedUnit(cell.strip(), *money)
    return None


def _money(text: str) -> tuple[Decimal, str | None] | None:
    """The scale and the currency in the first words of a text."""
    words = [word for word in re.split(r"[\s,，、;；。.()（）/]+", text) if word][:5]
    for start in range(len(words)):
        for end in range(len(words), start, -1):
            meanings = said_by(" ".join(words[start:end]))
            if meanings is not None and "unit" not in meanings:
                scale, currency = meanings["scale"], meanings.get("currency")
                return (scale, currency) if scale != ONE or currency else None
    return None


def with_stated(
    columns: Mapping[str, Column], money: Iterable[str], stated: StatedUnit | None
) -> tuple[dict[str, Column], list[str]]:
    """The columns with the unit that is said beside the table, and the headings that it changed.

    A column of ``money`` whose heading says its own unit keeps it.
    """
    restated, changed = dict(columns), []
    for name in sorted(money):
        column = restated.get(name)
        if stated is None or column is None:
            continue
        heading = column.heading
        if heading.scale != ONE or heading.currency or heading.unread:
            continue
        new = replace(heading, scale=stated.scale, currency=stated.currency)
        if new != heading:
            restated[name] = replace(column, heading=new)
            changed.append(heading.text)
    return restated, changed
