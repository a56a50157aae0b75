"""A ledger that was dropped and is not yet part of a study: its file, and how it is to be read.

How the headings of one layout were put right is remembered for the user's next file of that layout.
"""

import json
import os
from collections.abc import Hashable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from offing.api.begin import BeginAnswer, begin
from offing.api.ledger import LedgerAnswer, ledger
from offing.sources.ledger import layout_sign
from offing.terms.messages import language
from offing.terms.plain import values_of
from offing.terms.whole_file import write_text
from offing.warehouse.catalog import data_state
from offing.web.results import Kept
from offing.web.studies import StudyPlace

FILE = "ledger-draft.json"
LAYOUTS = "layouts.json"
ANSWERS = "answers.json"
TABLE = "models.csv"
KEPT = 200
"""Layouts that are remembered."""
LOOKED_AT = 8
"""Ledgers that are kept in memory."""


Begun = tuple[BeginAnswer, str]
"""What was found for a first study, and the text of its file."""


@dataclass(frozen=True)
class Draft:
    """A table that was handed in, and how it is to be read.

    Attributes:
        file: its name, beside the study or in the folder of its page.
        shown: the name that it had, to be shown.
        columns: our name → heading, where a person said so.
        sheet: of a workbook.
        currency: of lines that name none.
        dates: which part of 03/05/2024 is the day.
        period: that days without a year are of.
    """

    file: str
    shown: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    sheet: str | None = None
    currency: str | None = None
    dates: str | None = None
    period: str | None = None

    def read(self, place: StudyPlace, warehouse: Path | None = None) -> LedgerAnswer:
        """The ledger of a study as it is understood.

        Raises:
            InputError: as :func:`offing.ledger`.
        """
        study = place.file if place.file.is_file() else None
        return ledger(place.folder / self.file, study=study, **self._how(warehouse))

    def begin(self, place: StudyPlace, folder: Path, warehouse: Path | None = None) -> Begun:
        """Write a first study from the ledger into a folder that is new or empty.

        Raises:
            OffingError: as :func:`offing.begin`.
        """
        table = table_of(place)
        answer = begin(place.folder / self.file, folder, figures=table, **self._how(warehouse))
        return answer, answer.file.read_text("utf-8")

    def _how(self, warehouse: Path | None) -> dict[str, Any]:
        return {
            "column": dict(self.columns), "sheet": self.sheet, "currency": self.currency,
            "dates": self.dates, "period": self.period, "warehouse": warehouse,
        }  # fmt: skip


class Ledgers:
    """The ledgers that were looked at last, kept while file, study and reading stay the same."""

    def __init__(self) -> None:
        self._answer_cache = Kept(LOOKED_AT)

    def read(self, draft: Draft, place: StudyPlace, warehouse: Path | None) -> LedgerAnswer:
        """As :meth:`Draft.read`.

        Raises:
            InputError: as :func:`offing.ledger`.
        """
        key = _rests_on(draft, place, warehouse)
        return self._answer_cache.of(("read", *key), lambda: draft.read(place, warehouse))

    def begun(self, draft: Draft, place: StudyPlace, warehouse: Path | None) -> Begun:
        """As :meth:`Draft.begin`, written nowhere.

        Raises:
            OffingError: as :func:`offing.begin`.
        """

        def begun() -> Begun:
            with TemporaryDirectory(prefix="offing-") as folder:
                return draft.begin(place, Path(folder) / "study", warehouse)

        return self._answer_cache.of(("begun", *_rests_on(draft, place, warehouse)), begun)


def _rests_on(draft: Draft, place: StudyPlace, warehouse: Path | None) -> tuple[Hashable, ...]:
    """All that a look at a ledger rests on."""
    file = place.folder / draft.file
    rests = (file, place.file, place.folder / TABLE)
    stamps = [(s.st_mtime_ns, s.st_size) for f in rests if (s := _file_stat(f))]
    reading = json.dumps(asdict(draft), sort_keys=True)
    return (str(file), language(), reading, data_state(warehouse), *stamps)


def _file_stat(file: Path) -> os.stat_result | None:
    try:
        return file.stat()
    except (OSError, ValueError):  # nothing is there, or no name could be so: its reader says it
        return None


def draft_of(place: StudyPlace) -> Draft | None:
    """The draft of a study, if there is one."""
    file = place.folder / FILE
    if not (place.kept and file.is_file()):
        return None
    return Draft(**json.loads(file.read_text("utf-8")))


def keep(place: StudyPlace, draft: Draft | None) -> None:
    """Write a study's draft, or remove it."""
    if draft is None:
        (place.folder / FILE).unlink(missing_ok=True)
    else:
        _write(place.folder / FILE, asdict(draft))


def table_of(place: StudyPlace) -> Path | None:
    """The table of a begun study's models that lies beside its ledger."""
    file = place.folder / TABLE
    return file if file.is_file() else None


def answers_of(place: StudyPlace) -> dict[str, str]:
    """What was answered of a study that is being begun: name of the field → as typed."""
    file = place.folder / ANSWERS
    answers: dict[str, str] = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    return answers


def keep_answers(place: StudyPlace, answers: Mapping[str, str]) -> None:
    """Keep what was answered, however much of it is there."""
    _write(place.folder / ANSWERS, dict(answers))


def last_reading(home: Path, headings: tuple[str, ...]) -> dict[str, Any]:
    """How the user's last file of this layout was read; empty where there was none."""
    layout: dict[str, Any] = _layouts(home).get(layout_sign(headings), {})
    return layout


def remember(home: Path, headings: tuple[str, ...], draft: Draft) -> None:
    """Remember how a layout is read."""
    layouts = _layouts(home)
    sign = layout_sign(headings)
    layouts.pop(sign, None)
    layouts[sign] = values_of(draft, "columns", "currency", "dates")
    _write(home / LAYOUTS, dict(list(layouts.items())[-KEPT:]))


def _layouts(home: Path) -> dict[str, dict[str, Any]]:
    file = home / LAYOUTS
    ways: dict[str, dict[str, Any]] = json.loads(file.read_text("utf-8")) if file.exists() else {}
    return ways


def _write(file: Path, value: Any) -> None:
    write_text(file, json.dumps(value, ensure_ascii=False))
