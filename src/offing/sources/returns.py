"""What firms call a line of goods that came back, that is void, or that is not yet a sale.

The amount of goods that came back takes off, often without a minus.

红字 is the red ink of a correction. A return valve and a 红冲 (hot-pressed) part are goods, so the
words of papers and remarks are more than those of the goods' own names.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from functools import cache

from offing.sources.columns import kept, spelled
from offing.sources.headings import FileColumn
from offing.sources.numbers import read_amount

OF_GOODS = (
    r"退货|退运|退回|红字|作废|贷项|\bcredit\s*(note|memo)|\breturned\b|\bcancell?ed"
    r"|gutschrift|\bstorno|\bstorniert|\bnota de cr[eé]dito|\bavoirs?\b|\bdevoluci[oó]n"
)
OF_PAPERS = rf"{OF_GOODS}|红冲|冲红|冲销|冲减|负数|折让|\breturns?\b|\breversal"
"""Patterns that Python and Polars read alike."""
OF_STATUS = (
    r"(^|[^未非])(退货|退单|红字|红冲|冲红|作废|取消|撤销|无效|停办|停展|注销|吊销|停业|歇业)"
    r"|\bvoid(ed)?\b|\bcancell?ed|\breturned\b|\breversed\b|storn|\banulad[ao]|\bcancelad[ao]|\bannul[eé]"
)
MARKED = r"^\s*(是|y|yes|true|1|x|√|ja|s[ií]|oui)\s*$"
"""A mark under a heading that says void."""
UNMARKED = r"^\s*(否|no?|false|0)\s*$"
"""A mark under a heading that says valid."""
NOT_YET = (
    r"^\s*(销售|出口|年度|月度|全年|本年)?(预算|计划|预测|预估|预计|目标|报价|询价|草稿)(单|数|值|书)?\s*$"
    r"|^\s*(意向|洽谈中?|跟进中?|待定|未成交|线索|商机)\s*$"
    r"|^\s*(lead|prospect|pipeline|negotiat(ion|ing)|tentative|open quote)\s*$"
    r"|^\s*(sales )?(budget|forecast|plan(ned)?|target|quotation|quoted?|draft|estimated?)\s*$"
)
"""What is planned or offered, and not sold."""
NO_SALE = {
    "remarks": rf"(?i){OF_PAPERS}|^(credit|crn|cn|cm)$|{NOT_YET}",
    "statuses": rf"(?i){OF_STATUS}|{NOT_YET}",
    "voids": rf"(?i){MARKED}",
    "holds": rf"(?i){UNMARKED}",
    "kinds": rf"(?i){NOT_YET}",
}
"""Table of headings → what a line is called there that does not count."""
_NOT = re.compile(r"(?i)[无未非没不](有|被|得|予|发生)?(退货|退运|退回|冲减|作废)")
"""无退货 says that nothing came back."""
_ANEW = re.compile("重开|重新开|补开|重新出口|复出口")
"""红冲后重开 is the invoice that takes the place of the one that was called back."""


def is_no_sale(text: str | None, words: str) -> bool:
    """Whether a cell calls its line one that does not count.

    >>> texts = ("客户退运，冲减1月", "无退货", "红冲后重开")
    >>> [is_no_sale(text, NO_SALE["remarks"]) for text in texts]
    [True, False, False]
    """
    return not _ANEW.search(text or "") and bool(re.search(words, _NOT.sub("", text or "")))


def rows_of_no_sale(
    header: Sequence[str],
    body: Mapping[int, Sequence[str]],
    columns: Mapping[str, FileColumn],
    amounts: Collection[str],
) -> list[int]:
    """Rows that a column of words calls returned, void, ended or planned, and that count.

    Args:
        header: the headings.
        body: row → cells.
        columns: ours; their words are read already.
        amounts: those that bear a minus where goods came back; rows with it are right.
    """
    taken = {column.at for column in columns.values()}
    where = [
        (at, words)
        for table, words in NO_SALE.items()
        for at, cell in enumerate(header)
        if at not in taken and spelled(cell or "") in headings_of(table)
    ]
    figures = [columns[name] for name in amounts if name in columns]
    called = (r for r, cells in body.items() if any(is_no_sale(cells[a], w) for a, w in where))
    return [row for row in called if not figures or any(_counts(body[row], f) for f in figures)]


@cache
def headings_of(table: str) -> frozenset[str]:
    """The spellings of a table of headings in ``firm_tables.toml``."""
    return frozenset(map(spelled, kept("firm_tables")[table]["names"]))


def tells_its_kind(heading: str) -> bool:
    """Whether a column is one in which these words are looked for."""
    return any(spelled(heading) in headings_of(name) for name in NO_SALE if name != "kinds")


def _counts(cells: Sequence[str], column: FileColumn) -> bool:
    read = read_amount(cells[column.at] or "", column.comma)
    return read is not None and read.value > 0
