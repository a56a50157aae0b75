"""Results of studies, read once and kept while their files stay as they are."""

import json
import threading
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TypeVar

from offing.api.price import PriceAnswer, price
from offing.report.blocks import Section
from offing.report.sections import sections
from offing.study.manifest import sha256_of
from offing.study.reoptimise import Key, RevisedPlan, Switchable, revise_plan
from offing.study.result import StudyResult, from_json
from offing.terms.messages import language
from offing.warehouse.store import data_state
from offing.web.newest import Newest
from offing.web.studies import StudyPlace

T = TypeVar("T")
KEPT = 24


class Results:
    """The results that were read last."""

    def __init__(self) -> None:
        self._newest = Newest(KEPT)
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
        return self._newest.of(key, lambda: revise_plan(state, off, least_worst_cny))

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
            return self._newest.of(
                key,
                lambda: price(model, market, study=place.file, warehouse=warehouse, explain=True),
            )

    def _once(self, file: Path, what: str, read: Callable[[], T]) -> T:
        seen = file.stat()
        key = (str(file), what, seen.st_mtime_ns, seen.st_size, seen.st_ino)
        return self._newest.of(key, read)
