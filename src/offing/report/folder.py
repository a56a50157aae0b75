"""Write a folder of results in one step: the old one, or the whole new one."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from offing.api.run import RunAnswer
from offing.report.page import write_report, write_what_if
from offing.report.workbook import write_workbook
from offing.study.manifest import manifest
from offing.study.result import as_json
from offing.terms.background import tell
from offing.terms.errors import InputError, Where
from offing.terms.messages import language, say
from offing.terms.whole_file import whole_folder


def write_folder(answer: RunAnswer, folder: Path) -> None:
    """Write a run's report, workbook, result and manifest; of a what-if its own page instead.

    Raises:
        InputError, StorageError: see :func:`replaced_folder`.
    """
    result, world = answer.result, answer.world
    inputs = [*world.inputs, *answer.also_read]
    with replaced_folder(folder) as fresh:
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


@contextmanager
def replaced_folder(folder: Path) -> Iterator[Path]:
    """An empty folder to write into; it takes the place of ``folder`` when the block ends well.

    Raises:
        InputError: see :func:`check_folder`.
        StorageError: ``cli.disk``.
    """
    check_folder(folder)
    with whole_folder(folder) as fresh:
        yield fresh
