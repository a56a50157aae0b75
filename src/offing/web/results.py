"""Results of studies, read once and kept while their files stay as they are."""

import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable
from pathlib import Path
from typing import Any, TypeVar

from offing.api.price import PriceAnswer, price
from offing.report.blocks import Section
from offing.report.sections import sections
from offing.study.manifest import sha256_of
from offing.study.reoptimise import Key, RevisedPlan, Switchable, revise_plan
from offing.study.result import StudyResult, from_json
from offing.terms.messages import language
from offing.warehouse.store import data_state
from offing.web.studies import StudyPlace

T = TypeVar("T")
ONE_OF = 8
"""Nothing that is kept takes more than one part of so many of the whole room."""


class Kept:
    """A bounded store; what was not asked for longest makes room.

    Args:
        room: what all together may weigh.
        weigh: the weight of one thing.
    """

    def __init__(self, room: int, weigh: Callable[[Any], int] = lambda _: 1) -> None:
        self._room, self._weigh, self._held = room, weigh, 0
        self._things: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Any:
        """What is kept under a key, if it is still there."""
        with self._lock:
            if key in self._things:
                self._things.move_to_end(key)
            return self._things.get(key)

    def put(self, key: Hashable, thing: Any) -> None:
        """Keep a thing, unless it would take too much of the room."""
        if self._weigh(thing) * ONE_OF > self._room:
            return
        with self._lock:
            self._held -= self._weigh(self._things.pop(key)) if key in self._things else 0
            self._things[key], self._held = thing, self._held + self._weigh(thing)
            while self._held > self._room:
                self._held -= self._weigh(self._things.popitem(last=False)[1])

    def of(self, key: Hashable, make: Callable[[], T]) -> T:
        """What is kept under a key, else what is made now; an error is not kept."""
        thing: T | None = self.get(key)
        if thing is None:
            thing = make()
            self.put(key, thing)
        return thing


KEPT = 24


class Results:
    """The results that were read last."""

    def __init__(self) -> None:
        self._kept = Kept(KEPT)
        self._pricing = threading.Lock()

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
        return self._kept.of(key, lambda: revise_plan(state, off, least_worst_cny))

    def priced(
        self, place: StudyPlace, model: str, market: str, warehouse: Path | None
    ) -> PriceAnswer:
        """The price of a model in a market, worked out once while the study's files stay.

        Raises:
            OffingError: as :func:`offing.price`.
        """
        seen = tuple((file.name, file.stat().st_mtime_ns) for file in place.files())
        key = ("price", str(place.file), seen, model, market, data_state(warehouse), language())
        with self._pricing:  # a handle that moves asks again before the first answer is there
            return self._kept.of(
                key,
                lambda: price(model, market, study=place.file, warehouse=warehouse, explain=True),
            )

    def _once(self, file: Path, what: str, read: Callable[[], T]) -> T:
        seen = file.stat()
        key = (str(file), what, seen.st_mtime_ns, seen.st_size, seen.st_ino)
        return self._kept.of(key, read)
