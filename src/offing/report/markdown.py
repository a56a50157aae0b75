"""Blocks as Markdown, for whoever reads text: an assistant, a mail, a note."""

from collections.abc import Iterable, Iterator

from offing.report import blocks
from offing.report.blocks import Block
from offing.terms.messages import say


def markdown(told: Iterable[Block]) -> str:
    """Blocks as Markdown. Pictures have no place here: their tables stand for them.

    >>> print(markdown([blocks.Text(("Stay.",), "lead"), blocks.Callout("One year only.")]))
    **Stay.**
    <BLANKLINE>
    > ⚠ One year only.
    """
    return "\n\n".join(text for block in told for text in _parts(block))


def _parts(block: Block) -> Iterator[str]:
    match block:
        case blocks.Text(sentences, "lead"):
            yield f"**{sentences[0]}**"
            yield from sentences[1:]
        case blocks.Text(sentences, "list"):
            yield "\n".join(f"- {sentence}" for sentence in sentences)
        case blocks.Text(sentences, _):
            yield from sentences
        case blocks.Callout(text):
            yield f"> ⚠ {text}"
        case blocks.Heading(text):
            yield f"### {text}"
        case blocks.Table():
            yield _table(block)
        case blocks.Folded(summary, inside):
            yield f"### {summary}"
            yield from (text for block in inside for text in _parts(block))
        case blocks.Actions():
            yield "\n".join(_steps(block))
        case blocks.Figures(figures):
            for figure in figures:
                yield from (_table(table) for table in figure.tables)


def _steps(block: blocks.Actions) -> Iterator[str]:
    for step in block.items:
        gain = say("report.colon") + step.gain if step.gain else ""
        yield f"- {step.text}{gain}"
        if step.remark:
            yield f"   {step.remark}"


def _table(table: blocks.Table) -> str:
    """A table of pipes; a bar in a cell would end it, a line's end the row."""
    rows = [*table.rows, *([table.total] if table.total else [])]
    sides = ["---:" if column.number else "---" for column in table.columns]
    lines = [
        [column.heading for column in table.columns],
        sides,
        *([cell.text for cell in row] for row in rows),
    ]
    caption = [f"**{table.caption}**\n"] if table.caption else []
    return "\n".join([*caption, *("| " + " | ".join(map(_cell, line)) + " |" for line in lines)])


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
