"""The long work of jobs: functions at the top level, which a process of its own can call."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from offing.study.manifest import sha256_of
from offing.study.reoptimise import Switchable

if TYPE_CHECKING:
    from offing.api.backtest import BacktestAnswer
    from offing.api.load import LoadAnswer
    from offing.study.result import StudyResult
    from offing.terms.caution import Caution


def run_study(study: Path, results: Path, warehouse: Path | None) -> Switchable:
    """Run a study and put its results in the place of the old ones; what a switch of moves needs.

    Raises:
        OffingError: as :func:`offing.run`.
    """
    from offing.api.run import run
    from offing.report.page import write_folder
    from offing.terms.background import stretch

    sign = sha256_of(study)
    with stretch(0.0, 0.85):
        answer = run(study, warehouse=warehouse)
    write_folder(answer, results)
    return Switchable.of(answer.planned, sign)


def score(horizon: str, warehouse: Path | None) -> "BacktestAnswer":
    """The record of the ways of ranking on the loaded data.

    Raises:
        OffingError: as :func:`offing.backtest`.
    """
    from offing.api.backtest import backtest

    return backtest(horizon=horizon, warehouse=warehouse)


def load_file(
    source: str, file: Path, options: Mapping[str, Any], warehouse: Path | None
) -> "LoadAnswer":
    """Load one file that was sent, and remove it: what is loaded stands in the warehouse.

    Raises:
        OffingError: as :func:`offing.load`.
    """
    from offing.api.load import load

    try:
        return load(source, file, **options, warehouse=warehouse)
    finally:
        file.unlink(missing_ok=True)


def fetch_file(source: str, file: str, folder: Path, warehouse: Path | None) -> "LoadAnswer | None":
    """Download one of a publisher's files and load it; what broke off goes on the next time.

    Raises:
        OffingError: as :func:`offing.fetch`.
    """
    from offing.api.fetch import fetch

    answer = fetch(source, file=file, to=folder, warehouse=warehouse)
    answer.file.unlink(missing_ok=True)
    return answer.load


def fetch_world(
    study: Path, folder: Path, warehouse: Path | None, url: str | None = None
) -> "LoadAnswer | None":
    """Fetch the world's trade in a study's goods and load it; what broke off goes on next time.

    Raises:
        OffingError: as :func:`offing.fetch`.
    """
    from offing.api.fetch import WORLD, fetch

    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return fetch(WORLD, study=study, to=folder, url=url, warehouse=warehouse).load


def try_worlds(
    study: Path, worlds: Sequence[Mapping[str, Any]], warehouse: Path | None
) -> "tuple[tuple[StudyResult, tuple[Caution, ...]], ...]":
    """A study in several worlds, each as keyword arguments of :func:`offing.whatif`.

    Without the open warehouse that they come from, for they must travel: the results, whose
    ``what_if`` has the figures before and after, and what a careful person would ask of each.

    Raises:
        OffingError: as :func:`offing.whatif`.
    """
    from offing.api.whatif import whatif
    from offing.terms.background import stretch

    results = []
    for number, world in enumerate(worlds):
        with stretch(number / len(worlds), (number + 1) / len(worlds)):
            answer = whatif(study, warehouse=warehouse, **world)
            results.append((answer.result, answer.doubts))
    return tuple(results)


def ready_study(study: Path, warehouse: Path | None) -> Switchable:
    """Only what a switch of moves needs, as after a restart.

    Raises:
        OffingError: as :func:`offing.plan`.
    """
    from offing.api.plan import plan

    sign = sha256_of(study)
    answer = plan(study, warehouse=warehouse)
    return Switchable.of(answer.planned, sign)
