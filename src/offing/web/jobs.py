"""Long work beside the pages: in a process of its own, with its progress, and a way to stop it.

A job outlives the page that began it; whoever opens the page again finds it. A killed server loses
the job and nothing else: results take the place of the old ones in one step.
"""

import multiprocessing
import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from offing.study.manifest import sha256_of
from offing.study.reoptimise import Switchable
from offing.terms.background import collect_seldom, keep_memory, listening
from offing.terms.errors import OffingError
from offing.terms.messages import Language, language, typing_options, using_language
from offing.web.guard import RefusedError

if TYPE_CHECKING:
    from offing.api.backtest import BacktestAnswer
    from offing.api.load import LoadAnswer
    from offing.study.result import StudyResult
    from offing.terms.caution import Caution

State = Literal["running", "done", "failed", "stopped"]
Work = Callable[..., Any]
"""A function at the top level of a module, which takes plain values."""
RESULTS = 8
"""Jobs whose result is kept."""


@dataclass(frozen=True)
class Job:
    """A piece of long work.

    Attributes:
        id: in addresses.
        user: whose it is.
        study: of which.
        kind: what is done, such as ``run``.
        state: how it stands.
        share: done, 0 to 1.
        message: what is being done.
        error: what was wrong; ``None`` where the process broke.
        result: what the work handed back; of older jobs it is forgotten.
    """

    id: str
    user: str
    study: str
    kind: str
    state: State = "running"
    share: float = 0.0
    message: str = ""
    error: OffingError | None = None
    result: Any = field(default=None, repr=False, compare=False)


class Jobs:
    """The jobs of a workbench."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._jobs: dict[str, Job] = {}
        self._processes: dict[str, Any] = {}
        self._changed = threading.Condition()

    def begin(self, user: str, study: str, kind: str, work: Work, *arguments: Any) -> Job:
        """Begin work; where the same runs already, that is handed back.

        Raises:
            RefusedError: ``web.too_many_jobs``.
        """
        with self._changed:
            running = [j for j in self._jobs.values() if j.user == user and j.state == "running"]
            for job in running:
                if (job.study, job.kind) == (study, kind):
                    return job
            if len(running) >= self._most:
                raise RefusedError("web.too_many_jobs", 429, count=self._most)
            job = Job(secrets.token_hex(8), user, study, kind)
            for before in self._all(user, study, kind):  # only the last of a kind is kept
                del self._jobs[before.id]
            self._jobs[job.id] = job
            ours, theirs = multiprocessing.get_context("spawn").Pipe(duplex=False)
            process = multiprocessing.get_context("spawn").Process(
                target=_run_job, args=(theirs, language(), work, arguments), daemon=True
            )
            self._processes[job.id] = process
            process.start()
            theirs.close()
        threading.Thread(target=self._watch, args=(job.id, ours), daemon=True).start()
        return job

    def _all(self, user: str, study: str, kind: str) -> list[Job]:
        key = user, study, kind
        return [j for j in self._jobs.values() if (j.user, j.study, j.kind) == key]

    def _watch(self, name: str, told: Connection) -> None:
        """Take in what the process tells, until it ends."""
        ended: dict[str, Any] = {"state": "failed"}
        try:
            while True:
                message = told.recv()
                if "state" in message:
                    ended = message
                else:
                    self._change(name, **message)
        except (EOFError, OSError):
            pass
        process = self._processes.pop(name)
        process.join()
        job = self.get(name)
        if job is not None and job.state == "running":
            self._change(name, **ended)

    def _change(self, name: str, **values: Any) -> None:
        with self._changed:
            if name in self._jobs and self._jobs[name].state == "running":
                self._jobs[name] = replace(self._jobs.pop(name), **values)
                finished = [job for job in self._jobs.values() if job.result is not None]
                for job in finished[:-RESULTS]:
                    self._jobs[job.id] = replace(job, result=None)
            self._changed.notify_all()

    def get(self, name: str) -> Job | None:
        """A job by its id."""
        return self._jobs.get(name)

    def of(self, user: str, study: str, kind: str) -> Job | None:
        """The last job of a kind in a user's study."""
        return next(iter(self._all(user, study, kind)), None)

    def stop(self, job: Job) -> None:
        """End a job's process; what it was about to replace stays as it was."""
        self._change(job.id, state="stopped")
        process = self._processes.get(job.id)
        if process is not None:
            process.terminate()

    def stop_all(self) -> None:
        """End all processes, when the server ends."""
        for job in list(self._jobs.values()):
            if job.state == "running":
                self.stop(job)

    def wait(self, job: Job, seconds: float) -> Job:
        """The job when it has changed since, or after so many seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._jobs.get(job.id) is not job, seconds)
            return self._jobs.get(job.id, job)


def _run_job(told: Connection, lang: Language, work: Work, arguments: tuple[Any, ...]) -> None:
    """What the process does: the work, telling how far it is and how it ended."""
    furthest = 0.0

    def listener(message: str, share: float) -> None:
        nonlocal furthest
        furthest = max(furthest, share)  # a bar that runs back says nothing
        told.send({"message": message, "share": furthest})

    keep_memory()
    collect_seldom()
    with using_language(lang), typing_options(), listening(listener):
        try:
            result = work(*arguments)
            told.send({"state": "done", "share": 1.0, "result": result})
        except OffingError as error:
            told.send({"state": "failed", "error": error})


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
