"""What firms call a line of goods that came back: its amount takes off, often without a minus.

红字 is the red ink of a correction. A return valve and a 红冲 (hot-pressed) part are goods, so the
words of papers and remarks are more than those of the goods' own names.
"""

import re
from collections.abc import Collection, Mapping, Sequence

from offing.sources.columns import kept, spelled
from offing.sources.headings import Column
from offing.sources.numbers import read_amount

OF_GOODS = (
    r"(?i)退货|退运|退回|红字|作废|贷项|\bcredit\s*(note|memo)|\breturned\b|\bcancell?ed"
    r"|gutschrift|\bstorno|\bnota de cr[eé]dito|\bavoirs?\b"
)
OF_PAPERS = rf"{OF_GOODS}|红冲|冲红|冲销|冲减|负数|折让|\breturns?\b|\breversal"
"""Patterns that Python and Polars read alike."""
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
    words = set(map(spelled, kept("firm_tables")["remarks"]["names"]))
    remarks = [at for at, cell in enumerate(header) if spelled(cell or "") in words]
    figures = [columns[name] for name in amounts if name in columns]
    called = (row for row, cells in body.items() if any(called_back(cells[at]) for at in remarks))
    return [row for row in called if any(_bears_no_minus(body[row], one) for one in figures)]


def _bears_no_minus(cells: Sequence[str], column: Column) -> bool:
    read = read_amount(cells[column.at] or "", column.comma)
    return read is not None and read.value > 0
