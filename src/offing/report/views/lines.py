"""The national tariff lines of a model in a market, told: the tariff's words, what each brings."""

from collections.abc import Iterator, Mapping, Sequence

from offing.api.lines import LineQuote, LinesAnswer
from offing.report.blocks import (
    Block,
    Cell,
    Column,
    Folded,
    Table,
    Text,
    missing_cell,
    table_of,
    text,
)
from offing.terms.countries import country_name
from offing.terms.messages import say
from offing.terms.numbers import fixed_decimals, percent

SHOWN = 12
"""Lines that stand open."""


def view(answer: LinesAnswer) -> tuple[Block, ...]:
    """The lines as a table, and which of them the study has."""
    return tuple(_line_blocks(answer))


def _line_blocks(answer: LinesAnswer) -> Iterator[Block]:
    values = {
        "code": answer.code,
        "market": country_name(answer.destination),
        "model": answer.model,
    }
    if not answer.lines:
        yield Text((say("rules.lines_one", **values),))
        return
    yield Text((say("rules.lines_text", count=len(answer.lines), **values),), "lead")
    shown, rest = answer.lines[:SHOWN], answer.lines[SHOWN:]
    yield _line_table("national-lines", shown, answer, values)
    if rest:
        table = _line_table("national-lines-rest", rest, answer, values)
        yield Folded(say("rules.lines_more", count=len(rest)), (table,), printed=True)
    kept = "rules.lines_kept" if answer.chosen else "rules.lines_next"
    yield Text((say(kept, line=answer.chosen, example=answer.lines[0].code),))


def _line_table(
    name: str, lines: Sequence[LineQuote], answer: LinesAnswer, values: Mapping[str, str]
) -> Table:
    landed = say("rules.lines_landed", currency=answer.currency or "—")
    return table_of(
        name,
        say("rules.lines_heading", **values),
        lines,
        (text("rules.lines_code"), lambda line: _code(line, answer)),
        (text("rules.lines_words"), lambda line: Cell(line.words)),
        (text("rules.lines_duty"), lambda line: Cell(line.duty)),
        (landed, lambda line: _figure(line, fixed_decimals(line.landed, 2) if line.landed else "")),
        (Column(say("rules.lines_left")), lambda line: _rest_cell(line)),
    )


def _code(line: LineQuote, answer: LinesAnswer) -> Cell:
    return Cell(line.code, mark="strong" if line.code == answer.chosen else None)


def _figure(line: LineQuote, shown: str) -> Cell:
    return Cell(shown) if shown else Cell(line.missing) if line.missing else missing_cell()


def _rest_cell(line: LineQuote) -> Cell:
    rate = line.margin_rate
    return missing_cell() if rate is None else Cell(percent(rate))
