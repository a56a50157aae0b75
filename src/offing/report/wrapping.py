"""Text that wraps where Chinese may be broken, and columns that share a terminal's width.

Rich breaks lines at spaces. A Chinese sentence has none, so it would be cut off in a table, and
break early before every Latin word.
"""

import re
from collections.abc import Sequence
from typing import Any

from rich.cells import cell_len
from rich.containers import Lines
from rich.text import Text

OPENING = "（《“「『【〔［"
CLOSING = "，。；：、！？）》”」』】〕］％"
WIDE = "\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff01-\uff60"
"""Characters between which a line may break: Chinese, Japanese, Korean, full-width signs."""

PIECE = re.compile(
    rf"[{OPENING}]*(?:[^ \t\n{WIDE}{OPENING}{CLOSING}]+(?: %[^ \t\n{WIDE}{OPENING}{CLOSING}]*)?"
    rf"|[{WIDE}]|(?=[{CLOSING}])|$)"
    rf"[{CLOSING}]*[ \t\n]*|[ \t\n]+"
)
"""What must stay on one line: a word or a Chinese character, with its punctuation."""

PART = re.compile(r"[^-_/]+[-_/]?\s*|[-_/]\s*")
"""Where a word too wide for its column is best broken: after a hyphen, a stroke or a line."""


def pieces(text: str) -> list[str]:
    """The parts of a text between which a line may break.

    >>> pieces("（按 CIF 计），请核对 README.md。")
    ['（按 ', 'CIF ', '计），', '请', '核', '对 ', 'README.md。']
    >>> pieces("of export (80 %: CNY 1–2)")
    ['of ', 'export ', '(80 %: ', 'CNY ', '1–2)']
    """
    return [piece for piece in PIECE.findall(text) if piece]


def breaks(text: str, width: int, *, fold: bool) -> list[int]:
    """Where to break a text so that no line is wider than ``width`` cells.

    Args:
        text: one line of text.
        width: cells; a Chinese character takes two.
        fold: whether a piece wider than a line is broken inside; else it stays whole, so that a
            path can be copied.
    """
    places, at, used = [], 0, 0
    for piece in pieces(text):
        room = cell_len(piece.rstrip())
        if used and used + room > width:
            places.append(at)
            used = 0
        if fold and room > width:
            for part in PART.findall(piece):
                if used and used + cell_len(part.rstrip()) > width:
                    places.append(at)
                    used = 0
                for letter in part:
                    if used and used + cell_len(letter) > width and not letter.isspace():
                        places.append(at)
                        used = 0
                    used += cell_len(letter)
                    at += 1
            continue
        used += cell_len(piece)
        at += len(piece)
    return places


UNIT = re.compile(r"（(?:[万亿])?[^（）\d%/]*元）$|, [A-Z]{3}(?:[ \u00a0][a-z]+)?$")
"""The unit of money at the end of a heading: "目前（万元）", "Today, CNY m"."""


def common_unit(headings: Sequence[str]) -> str:
    """The unit of money in which two headings or more end, where no other unit of money is.

    >>> common_unit(["市场", "目前（万元）", "利润（万元）", "举措"])
    '（万元）'
    >>> common_unit(["Market", "Today, CNY m", "Margin, CNY m", "Price, USD"])
    ''
    """
    units = [unit[0] for head in headings if (unit := UNIT.search(head))]
    return units[0] if len(units) > 1 and len(set(units)) == 1 else ""


SHORTEST = 4
"""Cells that a heading keeps: two Chinese characters, not one under the other."""


class Words(Text):
    """Text that wraps at spaces and between Chinese characters. Nothing of it is ever cut."""

    def wrap(self, console: Any, width: int, **options: Any) -> Lines:
        """The lines of the text; see :meth:`rich.text.Text.wrap`."""
        fold = options.get("overflow", self.overflow) == "fold"
        lines = Lines()
        for line in self.split(allow_blank=True):
            parts = Lines(line.divide(breaks(line.plain, width, fold=fold)))
            for part in parts:
                part.rstrip()
            if justify := options.get("justify") or self.justify:
                parts.justify(console, width, justify=justify, overflow="ignore")
            lines.extend(parts)
        return lines


def widest(texts: Sequence[str]) -> int:
    """Cells of the widest text."""
    return max(map(cell_len, texts), default=0)


def column_widths(
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    room: int,
    *,
    wrapped: Sequence[int],
    least: int,
) -> list[int] | None:
    """Widths of columns that fit into ``room`` cells together.

    Headings take two lines first, then the columns that may wrap do, the widest first, then
    headings take as many lines as they must.

    Args:
        headings: of the columns.
        rows: cells.
        room: cells for all columns, without what stands between them.
        wrapped: columns whose cells may take several lines.
        least: a wrapped column keeps this width.

    Returns:
        The widths; ``None`` where they cannot fit.
    """
    body = [widest(column) for column in zip(*rows, strict=True)] or [0] * len(headings)
    word = [
        max(widest([piece.rstrip() for piece in pieces(head)]), min(cell_len(head), SHORTEST))
        for head in headings
    ]
    widths = [max(cell_len(head), inside) for head, inside in zip(headings, body, strict=True)]
    cells = [min(size, least) if at in wrapped else size for at, size in enumerate(body)]
    halves = [max(most, _half(head)) for head, most in zip(headings, word, strict=True)]
    for heads, inside in ((halves, body), (halves, cells), (word, cells)):
        low = [max(pair) for pair in zip(heads, inside, strict=True)]
        _narrow(widths, low, room)
    return widths if sum(widths) <= room else None


def _half(heading: str) -> int:
    """Cells of a heading on two lines; in Chinese its unit is the second."""
    name, bracket, unit = heading.partition("（")
    return widest([name, bracket + unit]) if name and unit else (cell_len(heading) + 1) // 2


def on_lines(heading: str, width: int) -> str:
    """A heading whose unit begins a line of its own, where the two have no room on one.

    >>> on_lines("目前（万元）", 8).splitlines()
    ['目前', '（万元）']
    """
    name, bracket, unit = heading.partition("（")
    if not name or not unit or cell_len(heading) <= width:
        return heading
    return f"{name}\n{bracket}{unit}"


def _narrow(widths: list[int], low: Sequence[int], room: int) -> None:
    """Take from the widest column, cell by cell, until all fit or none may be narrower."""
    while sum(widths) > room:
        free = [at for at, width in enumerate(widths) if width > low[at]]
        if not free:
            return
        widths[max(free, key=lambda at: (widths[at], -at))] -= 1
