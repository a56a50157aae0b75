"""Results of studies, read once and kept while their files stay as they are."""

import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from offing.api.asking import Answer
from offing.planning.offers import Key
from offing.report.blocks import Section
from offing.report.sections import sections
from offing.study.manifest import sha256_of
from offing.study.reoptimise import RevisedPlan, Switchable, revise_plan
from offing.study.result import StudyResult, from_json
from offing.terms.messages import language
from offing.warehouse.catalog import data_state
from offing.web.studies import StudyPlace

A = TypeVar("A", bound=Answer)
T = TypeVar("T")


class Kept:
    """A bounded store: what was not asked for longest makes room."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._things: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, key: Hashable, make: Callable[[], T]) -> T:
        """What is kept under a key, else what is made now; an error is not kept."""
        with self._lock:
            if key in self._things:
                self._things.move_to_end(key)
                kept: T = self._things[key]
                return kept
        thing = make()
        with self._lock:
            self._things[key] = thing
            while len(self._things) > self._room:
                self._things.popitem(last=False)
        return thing


KEPT = 24


class Results:
    """The results that were read last."""

    def __init__(self) -> None:
        self._answer_cache = Kept(KEPT)
        self._asking = threading.Lock()

    def result(self, place: StudyPlace) -> StudyResult | None:
        """The result of a study; ``None`` where it was not run."""
        file = place.results / "result.json"
        if not file.is_file():
            return None
        return self._once(file, "result", lambda: from_json(file.read_text("utf-8")))

    def sections(self, place: StudyPlace, result: StudyResult) -> tuple[Section, ...]:
        """The parts of its report, in the language of the context."""
        file = place.results / "result.json"
        return self._once(file, f"sections-{language()}", lambda: tuple(sections(result)))

    def stale(self, place: StudyPlace) -> bool:
        """Whether the study file is another than the one that was run."""
        file = place.results / "manifest.json"
        if not file.is_file():
            return False
        manifest = self._once(file, "manifest", lambda: json.loads(file.read_text("utf-8")))
        return bool(manifest["study"]["sha256"] != sha256_of(place.file))

    def remade(
        self, state: Switchable, off: Collection[Key], least_worst_cny: float | None = None
    ) -> RevisedPlan:
        """The plan without some moves, or with more care.

        Raises:
            InputError: as :func:`offing.study.reoptimise.revise_plan`.
        """
        key = (id(state), state.sha256, least_worst_cny, *sorted(off))
        return self._answer_cache.of(key, lambda: revise_plan(state, off, least_worst_cny))

    def answer(self, ask: Callable[..., A], place: StudyPlace | None, **arguments: Any) -> A:
        """The answer to a question, worked out once a day while the data and a study's files stay.

        Raises:
            OffingError: as the question.
        """
        seen = [(str(file), file.stat().st_mtime_ns) for file in (place.files() if place else ())]
        state, today = data_state(arguments.get("warehouse")), datetime.now(UTC).date()
        key = (ask.__name__, repr((arguments, seen)), state, language(), today)
        with self._asking:  # a handle that moves asks again before the first answer is there
            return self._answer_cache.of(key, lambda: ask(**arguments))

    def _once(self, file: Path, what: str, read: Callable[[], T]) -> T:
        seen = file.stat()
        key = (str(file), what, seen.st_mtime_ns, seen.st_size, seen.st_ino)
        return self._answer_cache.of(key, read)
