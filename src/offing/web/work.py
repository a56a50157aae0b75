"""The long work of jobs: functions at the top level, which a process of its own can call."""

from pathlib import Path
from typing import TYPE_CHECKING

from offing.study.manifest import sha256_of
from offing.study.remade import Switchable

if TYPE_CHECKING:
    from offing.api.backtest import BacktestAnswer


def run_study(study: Path, results: Path, warehouse: Path | None) -> Switchable:
    """Run a study and put its results in the place of the old ones; what a switch of moves needs.

    Raises:
        OffingError: as :func:`offing.run`.
    """
    from offing.api.run import run
    from offing.report.folder import write_folder
    from offing.terms.progress import stretch

    sign = sha256_of(study)
    with stretch(0.0, 0.85):
        answer = run(study, warehouse=warehouse)
    write_folder(answer, results)
    return Switchable.of(answer.outcome.world, answer.outcome.planned, sign)


def score(horizon: str, warehouse: Path | None) -> "BacktestAnswer":
    """The record of the ways of ranking on the loaded data.

    Raises:
        OffingError: as :func:`offing.backtest`.
    """
    from offing.api.backtest import backtest

    return backtest(horizon=horizon, warehouse=warehouse)


def ready_study(study: Path, warehouse: Path | None) -> Switchable:
    """Only what a switch of moves needs, as after a restart.

    Raises:
        OffingError: as :func:`offing.plan`.
    """
    from offing.api.plan import plan

    sign = sha256_of(study)
    answer = plan(study, warehouse=warehouse)
    return Switchable.of(answer.world, answer.planned, sign)
