"""What firms call a line of goods that came back, that is void, or that is not yet a sale.

The amount of goods that came back takes off, often without a minus.

红字 is the red ink of a correction. A return valve and a 红冲 (hot-pressed) part are goods, so the
words of papers and remarks are more than those of the goods' own names.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from functools import cache

from offing.sources.columns import kept, spelled
from offing.sources.headings import Column
from offing.sources.numbers import read_amount

OF_GOODS = (
    r"(?i)退货|退运|退回|红字|作废|贷项|\bcredit\s*(note|memo)|\breturned\b|\bcancell?ed"
    r"|gutschrift|\bstorno|\bstorniert|\bnota de cr[eé]dito|\bavoirs?\b|\bdevoluci[oó]n"
)
OF_PAPERS = rf"{OF_GOODS}|红冲|冲红|冲销|冲减|负数|折让|\breturns?\b|\breversal"
"""Patterns that Python and Polars read alike."""
OF_STATUS = (
    r"(?i)(^|[^未非])(退货|退单|红字|红冲|冲红|作废|取消|撤销|无效)"
    r"|\bvoid(ed)?\b|\bcancell?ed|\breturned\b|\breversed\b|storn|\banulad[ao]|\bcancelad[ao]|\bannul[eé]"
)
ENDED = rf"{OF_STATUS}|停办|停展|注销|吊销|停业|歇业"
"""Statuses of what no more holds: a line; a fair or a firm."""
MARKED = r"(?i)^\s*(是|y|yes|true|1|x|√|ja|s[ií]|oui)\s*$"
"""A mark under a heading that says void."""
UNMARKED = r"(?i)^\s*(否|no?|false|0)\s*$"
"""A mark under a heading that says valid."""
NOT_YET = (
    r"(?i)^\s*(销售|出口|年度|月度|全年|本年)?(预算|计划|预测|预估|预计|目标|报价|询价|草稿)(单|数|值|书)?\s*$"
    r"|^\s*(意向|洽谈中?|跟进中?|待定|未成交|线索|商机)\s*$"
    r"|^\s*(lead|prospect|pipeline|negotiat(ion|ing)|tentative|open quote)\s*$"
    r"|^\s*(sales )?(budget|forecast|plan(ned)?|target|quotation|quoted?|draft|estimated?)\s*$"
)
"""What is planned or offered, and not sold."""
_NOT = re.compile(r"(?i)[无未非没不](有|被|得|予|发生)?(退货|退运|退回|冲减|作废)")
"""无退货 says that nothing came back."""
_ANEW = re.compile("重开|重新开|补开|重新出口|复出口")
"""红冲后重开 is the invoice that takes the place of the one that was called back."""


def called_back(text: str | None) -> bool:
    """Whether a remark calls its line one of goods that came back.

    >>> called_back("客户退运，冲减1月"), called_back("无退货"), called_back("红冲后重开")
    (True, False, False)
    """
    return not _ANEW.search(text or "") and bool(re.search(OF_PAPERS, _NOT.sub("", text or "")))


def rows_given_back(
    header: Sequence[str],
    body: Mapping[int, Sequence[str]],
    columns: Mapping[str, Column],
    amounts: Collection[str],
) -> list[int]:
    """Rows whose remark says that goods came back, and of whose ``amounts`` one has no minus."""
    remarks = [at for at, cell in enumerate(header) if spelled(cell or "") in _headings("remarks")]
    figures = [columns[name] for name in amounts if name in columns]
    called = (row for row, cells in body.items() if any(called_back(cells[at]) for at in remarks))
    return [row for row in called if any(_bears_no_minus(body[row], one) for one in figures)]


def rows_no_more(
    header: Sequence[str], body: Mapping[int, Sequence[str]], read: Collection[str]
) -> list[int]:
    """Rows that a status or a mark calls void or ended, but under headings that are ``read``."""
    return _called(header, body, read, {"statuses": ENDED, "voids": MARKED, "holds": UNMARKED})


def rows_not_yet(
    header: Sequence[str], body: Mapping[int, Sequence[str]], read: Collection[str]
) -> list[int]:
    """Rows that are called a plan, a budget, a forecast or a quotation."""
    return _called(header, body, read, dict.fromkeys(("remarks", "statuses", "kinds"), NOT_YET))


def _called(
    header: Sequence[str],
    body: Mapping[int, Sequence[str]],
    read: Collection[str],
    words: Mapping[str, str],
) -> list[int]:
    """Rows with one of the ``words`` in a column of a table of headings, in their order."""
    where = [
        (at, re.compile(said))
        for table, said in words.items()
        for at, cell in enumerate(header)
        if cell and cell not in read and spelled(cell) in _headings(table)
    ]
    return [r for r, cells in body.items() if any(p.search(cells[at] or "") for at, p in where)]


@cache
def _headings(table: str) -> frozenset[str]:
    return frozenset(map(spelled, kept("firm_tables")[table]["names"]))


def tells_its_kind(heading: str) -> bool:
    """Whether a column is one in which these words are looked for."""
    return any(
        spelled(heading) in _headings(name) for name in ("remarks", "statuses", "voids", "holds")
    )


def _bears_no_minus(cells: Sequence[str], column: Column) -> bool:
    read = read_amount(cells[column.at] or "", column.comma)
    return read is not None and read.value > 0
