"""What an answer is told with: sentences, cautions, tables and figures, ready to render.

Everything here is text already, in the language of the context: the templates only place it.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from operator import attrgetter
from types import MappingProxyType
from typing import Any, Literal, TypeVar

from offing.report.drawing import leading_to
from offing.report.words import caution_text
from offing.rules.rule_use import Status
from offing.terms.caution import Caution
from offing.terms.messages import Language, language, say, using_language
from offing.terms.numbers import MoneyColumn, currency_name, value_or_dash

T = TypeVar("T")
RANK = re.compile(r"^\d+\. ")
"""Before the name of a row."""
Detail = Literal["short", "full"]
"""How much of an answer is told: what decides, or all of it."""
Mark = Literal["missing", "negative", "ours", "strong"] | Status


@dataclass(frozen=True)
class Cell:
    """One cell of a table.

    Attributes:
        text: what it says.
        bar: the length of a bar behind the text, 0 to 1.
        mark: how it is set off; the text says the same, colour alone never does.
        value: the number itself, for a workbook.
        formula: how a workbook comes to it, in place of its column's.
        style: of a workbook, in place of its column's format.
        link: the table that it leads to in a workbook.
    """

    text: str = ""
    bar: float | None = None
    mark: Mark | None = None
    value: float | None = None
    formula: str = ""
    style: str = ""
    link: str = ""


def missing_cell() -> Cell:
    """The cell of a figure that is not known: no number, and no dash that could be a nought."""
    return Cell(say("report.missing"), mark="missing")


@dataclass(frozen=True)
class Column:
    """A column's heading with its unit; numbers stand to the right, text to the left.

    Attributes:
        heading: with the unit of its cells.
        number: whether it is of numbers.
        spare: whether a narrow terminal leaves it out.
        id: by which formulas of a workbook name it.
        format: of its numbers in a workbook.
        formula: by which a workbook comes to them, see :mod:`offing.report.workbook.sheet`.
        width: in a workbook; 0 for one that suits it.
        whole: its heading in a workbook, where amounts are not shortened.
    """

    heading: str
    number: bool = True
    spare: bool = False
    id: str = ""
    format: str = ""
    formula: str = ""
    width: float = 0.0
    whole: str = ""


Shown = tuple[str | Column, Callable[[T], Cell | str]]
"""A column's heading, and the cell that it has for a row."""


@dataclass(frozen=True)
class Table:
    """A table; the first cell of each row names the row; ``more`` rows are not shown."""

    id: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: tuple[Cell, ...] | None = None
    more: int = 0


def table_of(
    name: str, caption: str, rows: Iterable[T], *columns: Shown[T] | None, most: int | None = None
) -> Table:
    """A table with a row for each of something, each column with what it shows of it.

    Args:
        name: unique on the page.
        caption: above the table.
        rows: what the table is of.
        *columns: heading and cell; where the heading is no ``Column``, the first is of text and
            the others of numbers. ``None`` stands for one that the table does without.
        most: rows that are shown.
    """
    every = list(rows)
    kept = [column for column in columns if column is not None]
    headings = tuple(
        Column(heading, number=at > 0) if isinstance(heading, str) else heading
        for at, (heading, _) in enumerate(kept)
    )
    cells = [[cell(row) for _, cell in kept] for row in every[:most]]
    return Table(
        name,
        caption,
        headings,
        tuple(tuple(Cell(c) if isinstance(c, str) else c for c in row) for row in cells),
        more=len(every) - len(cells),
    )


def text(key: str, **values: object) -> Column:
    """A column of text under the heading of a message."""
    return Column(say(key, **values), number=False)


def number(key: str, **values: object) -> Column:
    """A column of numbers under the heading of a message."""
    return Column(say(key, **values))


def amount(key: str, column: MoneyColumn, **values: object) -> Column:
    """A column of amounts under the heading of a message, which names their unit."""
    whole = say(key, unit=currency_name(column.currency), **values)
    return Column(say(key, unit=column.unit, **values), format="money", whole=whole)


@dataclass(frozen=True)
class Figure:
    """A picture with its caption, and the same as a table.

    Attributes:
        id: unique on the page.
        heading: what the picture is of.
        draw: the picture as SVG, with its title and description inside; drawn where it is shown.
        caption: how to read it.
        tables: its numbers.
        wide: whether it takes the full width.
        source: where its numbers are from.
        beside: further tables on the page that its marks lead to.
    """

    id: str
    heading: str
    draw: Callable[[], str]
    caption: str
    tables: tuple[Table, ...] = ()
    wide: bool = False
    source: str = ""
    beside: "tuple[Table, ...]" = ()
    language: Language = field(default_factory=language)

    @cached_property
    def svg(self) -> str:
        """The picture, in the language of its caption; a terminal never asks for it.

        A mark that begins with the name of a row of its numbers leads there.
        """
        rows = {
            RANK.sub("", row[0].text): f"{table.id}.{at}"
            for table in reversed((*self.tables, *self.beside))
            for at, row in enumerate(table.rows, 1)
        }
        with leading_to(rows):
            return self.alone()

    def alone(self) -> str:
        """The picture that stands without its page: no mark leads anywhere."""
        with using_language(self.language):
            return self.draw()


@dataclass(frozen=True)
class Figures:
    """Figures side by side where there is room."""

    figures: tuple[Figure, ...]


def place_figures(
    told: "Iterable[Block]", titles: Mapping[str, str] = MappingProxyType({})
) -> "tuple[Block, ...]":
    """The same with pictures whose marks lead to rows of the tables among them.

    What has nothing to say is left out, and after a table stands how many rows it does not show.

    Args:
        told: blocks of a page.
        titles: data set → its title, for the sources of pictures.
    """
    blocks = tuple(part for block in told for part in _keep_told(block))
    tables = tuple(block for block in blocks if isinstance(block, Table))

    def place(figure: Figure) -> Figure:
        return replace(figure, beside=tables, source=titles.get(figure.source, figure.source))

    return tuple(
        Figures(tuple(map(place, block.figures)))
        if isinstance(block, Figures)
        else replace(block, blocks=place_figures(block.blocks, titles))
        if isinstance(block, Folded)
        else block
        for block in blocks
    )


def _keep_told(block: "Block") -> "Iterable[Block]":
    match block:
        case Text(sentences, kind):
            said = tuple(filter(None, sentences))
            return (Text(said, kind),) if said else ()
        case Table():
            more = (say("firms.more", count=block.more),) if block.more else ()
            return (block, *_keep_told(Text(more, "note"))) if block.rows else ()
        case Figures(inside) | Folded(_, inside):
            return (block,) if inside else ()
        case Actions(steps):
            return (block,) if steps else ()
    return (block,)


@dataclass(frozen=True)
class Text:
    """Sentences: the first to be read (``lead``), in a row, each on a line of its own, or small."""

    sentences: tuple[str, ...]
    kind: Literal["lead", "paragraph", "list", "note"] = "paragraph"


@dataclass(frozen=True)
class Callout:
    """What a reader must know before trusting the rest."""

    text: str


@dataclass(frozen=True)
class Folded:
    """What opens on demand.

    Attributes:
        summary: what is inside.
        blocks: long tables, pictures of further markets and the like.
        printed: whether it stands open on paper, where the browser can do that.
    """

    summary: str
    blocks: "tuple[Block, ...]"
    printed: bool = False


@dataclass(frozen=True)
class Action:
    """Something to do.

    Attributes:
        text: in one sentence.
        gain: what it brings, short.
        remark: how sure that is.
    """

    text: str
    gain: str = ""
    remark: str = ""

    @property
    def headline(self) -> str:
        """The sentence with its gain."""
        return self.text + (say("report.colon") + self.gain if self.gain else "")


@dataclass(frozen=True)
class Actions:
    """What to do, in order."""

    items: tuple[Action, ...]


@dataclass(frozen=True)
class Heading:
    """A heading inside a section."""

    text: str


Block = Text | Callout | Table | Figures | Folded | Heading | Actions


@dataclass(frozen=True)
class Section:
    """A part of the page with its heading, and a short name for the list of contents."""

    id: str
    heading: str
    short: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Fact:
    """A figure of the first screen, with what it is and a remark."""

    name: str
    value: str
    remark: str


def money_of(
    key: str, column: MoneyColumn, of: str, **values: object
) -> tuple[Column, Callable[[Any], Cell]]:
    """A column of the amounts that rows have by the name ``of``; what is not known is no number."""
    return amount(key, column, **values), lambda row: money_cell(column, getattr(row, of))


def columns_of(key: str, write: Callable[[Any], str], *names: str) -> Iterator[Shown[Any]]:
    """Columns of figures that rows have by these names; what is not known is a dash.

    Each is headed by the message ``key`` with its name in it: ``cost`` is ``row.cost``,
    ``cost=option.cost`` is ``row.option.cost``.
    """
    for name, of in _getters(names):
        yield number(key.format(name)), lambda row, of=of: value_or_dash(of(row), write)  # type: ignore[misc]


def texts_of(of: object, write: Callable[[Any], str], *names: str) -> dict[str, str]:
    """Figures that something has by these names, as a sentence names them: see `columns_of`."""
    return {name: write(get(of)) for name, get in _getters(names)}


def _getters(names: Iterable[str]) -> Iterator[tuple[str, Callable[[Any], Any]]]:
    """Each name, and what gets it of a record or of a row of a frame."""
    for name in names:
        called, _, path = name.partition("=")
        of, key = attrgetter(path or called), path or called
        yield called, lambda row, of=of, key=key: row[key] if isinstance(row, dict) else of(row)  # type: ignore[misc]


def open_blocks(told: Iterable[Block]) -> Iterator[Block]:
    """Blocks for who has no pictures and folds nothing: tables stand for the former."""
    for block in told:
        match block:
            case Folded(summary, inside):
                yield Heading(summary)
                yield from open_blocks(inside)
            case Figures(figures):
                yield from (table for figure in figures for table in figure.tables)
            case _:
                yield block


def fact_lines(facts: Iterable[Fact]) -> Text:
    """Figures of the first screen in lines, where no page places them."""
    colon = say("report.colon")
    lines = ((f"{one.name}{colon}{one.value}", one.remark) for one in facts)
    return Text(
        tuple(say("report.fact_line", value=v, remark=r) if r else v for v, r in lines), "list"
    )


def cautions(told: Iterable[Caution]) -> tuple[Callout | Text, ...]:
    """An answer's cautions in words; what gives no cause for care is a line of a list."""
    return tuple(
        Text((caution_text(one),), "list") if one.severity == "note" else Callout(caution_text(one))
        for one in told
    )


def money_cell(column: MoneyColumn, value: float | None) -> Cell:
    """An amount; a loss is set off, with its minus sign."""
    mark: Mark | None = "negative" if value is not None and value < 0 else None
    return Cell(column.cell(value), mark=mark, value=value)
