"""Blocks on a terminal: sentences wrapped, tables aligned and never cut off."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console, JustifyMethod
from rich.containers import Lines
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from offing.report import blocks
from offing.report.blocks import Block, open_blocks

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

    Headings take as many lines as they must first, then the columns that may wrap do, the widest
    first.

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
    for inside in (body, cells):
        low = [max(pair) for pair in zip(word, inside, strict=True)]
        _narrow(widths, low, room)
    return widths if sum(widths) <= room else None


def _narrow(widths: list[int], low: Sequence[int], room: int) -> None:
    """Take from the widest column, cell by cell, until all fit or none may be narrower."""
    while sum(widths) > room:
        free = [at for at, width in enumerate(widths) if width > low[at]]
        if not free:
            return
        widths[max(free, key=lambda at: (widths[at], -at))] -= 1


FIRST_COLUMN = 12
"""A column that wraps in a narrow terminal keeps this width."""


SPACIOUS = 96
"""Columns of a terminal in which spare columns have room."""
_STEERING = dict.fromkeys(
    (*range(9), *range(11, 32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A)),
    "�",
)
"""Characters that steer a terminal, but for line ends and tabs."""


def neutral(text: str) -> str:
    r"""A text in which nothing steers a terminal: names of files and buyers are not ours.

    >>> neutral("Buyer \x1b[2J")
    'Buyer �[2J'
    """
    return text.translate(_STEERING)


class _Output(Console):
    """Leaves a closed pipe to :mod:`offing.cli.app`; Rich itself would exit with 1."""

    def render(self, *args: Any, **options: Any) -> Iterable[Segment]:
        """All that is printed, with what would steer the terminal made visible."""
        for segment in super().render(*args, **options):
            text = segment.text if segment.control else neutral(segment.text)
            yield segment if text == segment.text else Segment(text, segment.style)

    def on_broken_pipe(self) -> None:
        """Raise again what Rich is handling."""
        raise


def console() -> Console:
    """Standard output."""
    return _Output(highlight=False, soft_wrap=False)


def error_console() -> Console:
    """Standard error."""
    return _Output(stderr=True, highlight=False)


def print_line(
    text: str, style: str = "", *, indent: int = 0, mark: str = "", out: Console | None = None
) -> None:
    """A sentence, wrapped to the terminal; a path in it stays whole.

    What follows a ``mark``, or one such as ``•`` or ``!`` in the text, stays to the right of it.
    """
    out, rest = out or console(), text
    if not mark and text[:2] in ("• ", "! "):
        mark, rest = text[:2], text[2:]
    words = Words(rest, style=style, overflow="ignore")
    lines = words.wrap(out, out.width - indent - len(mark), overflow="ignore")
    for number, line in enumerate(lines):
        before = Text(" " * indent).append(mark if not number else " " * len(mark), style or None)
        out.print(before.append_text(line), soft_wrap=True)


def show(told: Iterable[Block], *, out: Console | None = None) -> None:
    """Print blocks. Pictures have no place here: their tables stand for them."""
    for block in open_blocks(told):
        _show(block, out or console())


def _show(block: Block, out: Console) -> None:
    match block:
        case blocks.Text(sentences, "lead"):
            print_line(sentences[0], "bold", out=out)
            for sentence in sentences[1:]:
                print_line(sentence, out=out)
        case blocks.Text(sentences, kind):
            for sentence in sentences:
                mark = "• " if kind == "list" else ""
                print_line(mark + sentence, "dim" if kind == "note" else "", out=out)
        case blocks.Callout(text):
            print_line(f"! {text}", "yellow", out=out)
        case blocks.Heading(text):
            out.print()
            print_line(text, "bold", out=out)
        case blocks.Table():
            out.print()
            if block.caption:  # Rich would wrap it to the width of a narrow table
                print_line(block.caption, "bold", out=out)
            out.print(rich_table(block))
        case blocks.Actions(steps):
            for step in steps:
                print_line(step.headline, "bold", out=out)
                if step.remark:
                    print_line(step.remark, out=out)


def rich_table(block: blocks.Table) -> Table:
    """A table of blocks as one of Rich: text to the left, numbers to the right.

    Without its spare columns where it has no room for all; where the terminal is too narrow for
    the others, each row becomes lines of its own: nothing is ever cut off.
    """
    rows = [*block.rows, *filter(None, [block.total])]
    least = [n for n, column in enumerate(block.columns) if not column.spare]
    wide = [[*range(len(block.columns))]] if console().width >= SPACIOUS else []
    for kept in (*wide, least):
        headings = [block.columns[n].heading for n in kept]
        cells = [[row[n].text for n in kept] for row in rows]
        texts = [at for at, n in enumerate(kept) if not block.columns[n].number]
        room = console().width - 3 * len(kept) + 1
        widths = column_widths(headings, cells, room, wrapped=texts or (0,), least=FIRST_COLUMN)
        if widths is None:
            continue
        table = Table(box=SIMPLE_HEAD, pad_edge=False)
        for number, (heading, width) in enumerate(zip(headings, widths, strict=True)):
            side: JustifyMethod = "left" if number in texts else "right"
            shown = Words(heading, overflow="fold")
            table.add_column(shown, justify=side, overflow="fold", width=width)
        for row, line in zip(rows, cells, strict=True):
            style = "bold" if row[0].mark == "strong" else ""
            table.add_row(*(Words(cell, overflow="fold") for cell in line), style=style)
        return table
    return _records(headings, cells)


def _records(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    """The same table where the terminal has no room for it: each row as lines of its own."""
    table = Table(box=None, show_header=False)
    table.add_column(overflow="fold", style="dim")
    table.add_column(overflow="fold")
    for number, row in enumerate(rows):
        if number:
            table.add_row("", "")
        for column, cell in zip(columns, row, strict=True):
            if cell:
                table.add_row(Words(column, overflow="fold"), Words(cell, overflow="fold"))
    return table
