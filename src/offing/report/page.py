"""Lay a study out as one HTML page that needs nothing else: no script, no font, no network."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

from offing.api.run import RunAnswer
from offing.report.blocks import Block, Figures, Folded, Heading, Section, Text
from offing.report.decision import NamedDecision
from offing.report.layout import lay_out
from offing.report.sections import section_of, sections
from offing.report.views import plan, run, whatif
from offing.report.workbook import write_workbook
from offing.study.manifest import manifest
from offing.study.result import StudyResult, as_json
from offing.terms.background import tell
from offing.terms.errors import InputError, Where
from offing.terms.messages import Language, language, say, using_language
from offing.terms.numbers import day
from offing.terms.whole_file import whole_folder


def describe_firm(result: StudyResult) -> str:
    """Whose study it is, and of which day."""
    lang = language()
    named = {"firm": result.firm.name(lang), "city": result.firm.city(lang)}
    return say("report.for_firm", on=day(result.on), **named)


def _about(result: StudyResult) -> dict[str, Any]:
    name = result.firm.name(language())
    return {"firm": name, "about": describe_firm(result), "made_up": result.firm.made_up}


def write_report(result: StudyResult, lang: Language) -> str:
    """The report as the text of an HTML file. The same result gives the same text.

    Args:
        result: a finished study.
        lang: the language of every sentence.
    """
    with using_language(lang):
        decision = NamedDecision.from_result(result)
        return lay_out(
            title=result.title(lang),
            answer=plan.what_to_do(result.plan, decision, result.warnings),
            picture=run.picture(result.plan, result.decided),
            facts=plan.facts(result.plan, decision),
            past=_opening(run.past(result), say("report.record_show"), 1),
            rests=run.rests(result),
            sections=list(map(shorten_section, sections(result))),
            **_about(result),
        )


OPEN = {"costs": 1, "settlement": 2, "axes": 0, "book": 0, "proof": 0, "sources": 0, "rules": 0}
"""Blocks of a section that stand open; its others open on demand."""
TABLES_ALONE = ("ladders", "costs")
"""Of these what is folded has tables and no further pictures: the workbench has a page of them."""
IN_A_ROW = 3
"""Folded blocks from which on they are one."""
NOTE = 250
"""Characters of small print that stand open."""
CAUTIONS = 5
"""Of a longer list, likewise."""


def shorten_section(section: Section) -> Section:
    """A section as a report has it: its finding first, all else on demand and on paper."""
    blocks = section.blocks
    if section.id == "plan":
        blocks = rows_first(blocks)
    if section.id in TABLES_ALONE:
        blocks = tuple(map(_drop_pictures, blocks))
    if section.id in OPEN:
        blocks = _opening(blocks, say("report.section_rest"), OPEN[section.id])
    told = (part for block in blocks for part in _small_print(block))
    return replace(section, blocks=tuple(_merge_folded(told)))


def _opening(blocks: tuple[Block, ...], summary: str, count: int) -> tuple[Block, ...]:
    if len(blocks) <= count:
        return blocks
    return (*blocks[:count], Folded(summary, blocks[count:], printed=True))


def rows_first(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """A plan whose moves stand in the answer: its rows, and the moves' figures on demand."""
    heads = [at for at, block in enumerate(blocks) if isinstance(block, Heading)]
    if len(heads) < 2:
        return blocks
    first, second = heads[:2]
    head = blocks[first]
    assert isinstance(head, Heading)
    return (*blocks[second:], Folded(head.text, blocks[first + 1 : second], printed=True))


def _drop_pictures(block: Block) -> Block:
    """A folded block without pictures."""
    if not isinstance(block, Folded):
        return block
    kept = (_drop_pictures(one) for one in block.blocks if not isinstance(one, Figures))
    return replace(block, blocks=tuple(kept))


def _small_print(block: Block) -> Iterator[Block]:
    """Long small print folded; of a long list the first sentences."""
    if not isinstance(block, Text):
        yield block
    elif block.kind == "note" and sum(map(len, block.sentences)) > NOTE:
        yield Folded(say("report.how_made"), (block,), printed=True)
    elif block.kind == "list" and len(block.sentences) > CAUTIONS:
        first, rest = block.sentences[:CAUTIONS], block.sentences[CAUTIONS:]
        yield replace(block, sentences=first)
        more = say("report.more_sentences", count=len(rest))
        yield Folded(more, (replace(block, sentences=rest),), printed=True)
    else:
        yield block


def _merge_folded(blocks: Iterable[Block]) -> Iterator[Block]:
    """Several folded blocks in a row as one."""
    for folded, group in groupby(blocks, key=lambda block: isinstance(block, Folded)):
        several = tuple(group)
        if folded and len(several) >= IN_A_ROW:
            yield Folded(say("report.more_of_it"), several, printed=True)
        else:
            yield from several


def write_what_if(result: StudyResult, lang: Language) -> str:
    """The page of a what-if alone, as the text of an HTML file.

    Args:
        result: a finished study with its ``what_if``.
        lang: the language of every sentence.
    """
    with using_language(lang):
        section = section_of("what-if", result)
        assert section is not None, "a what-if has a comparison"
        return lay_out(
            title=say("policy.title", title=result.title(lang)),
            answer=section.blocks[:1],
            facts=whatif.facts(result),
            sections=[replace(section, blocks=section.blocks[1:])],
            **_about(result),
        )


def write_folder(answer: RunAnswer, folder: Path) -> None:
    """Write a run's report, workbook, result and manifest; of a what-if its own page instead.

    Raises:
        InputError: see :func:`check_folder`.
        StorageError: ``cli.disk``.
    """
    result, world = answer.result, answer.world
    inputs = [*world.inputs, *answer.also_read]
    check_folder(folder)
    with whole_folder(folder) as fresh:
        tell(say("study.doing_report"), 0.85)
        if answer.compared:
            page = write_what_if(result, language())
        else:
            page = write_report(result, language())
            tell(say("study.doing_report"), 0.95)
            write_workbook(result, fresh / "plan.xlsx", language())
        notes = manifest(
            result, study_file=world.file, inputs=inputs, seed=world.study.seed, lang=language()
        )
        for name, text in (
            ("report.html", page),
            ("result.json", as_json(result)),
            ("manifest.json", json.dumps(notes, indent=2, ensure_ascii=False) + "\n"),
        ):
            (fresh / name).write_text(text, encoding="utf-8")


def folder_for(out: Path | None, study: Path, *more: str) -> Path:
    """Where a study's results go: the folder asked for, else ``out/`` and the study's own name.

    Raises:
        InputError: see :func:`check_folder`.
    """
    name = (study if study.is_dir() else study.parent).resolve().name
    folder = out or Path("out") / "-".join((name, *more))
    check_folder(folder)
    return folder


def check_folder(folder: Path) -> None:
    """Refuse a folder before the work is done: only what an earlier run wrote is replaced.

    Raises:
        InputError: ``cli.not_a_folder`` or ``cli.foreign_folder``.
    """
    if folder.exists():
        if not folder.is_dir():
            raise InputError("cli.not_a_folder", where=Where(folder), folder=folder)
        if any(folder.iterdir()) and not (folder / "manifest.json").exists():
            raise InputError("cli.foreign_folder", where=Where(folder), folder=folder)
