"""Settings for all tests, and the one run of the example study that many of them look at."""

import os
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# A busy machine is no fault of the code: how long an example takes decides nothing.
settings.register_profile("offing", deadline=None)
settings.load_profile("offing")


def pytest_configure(config: pytest.Config) -> None:
    """What takes seconds to make is made once a run, whichever of its processes needs it first.

    Results are kept under the digest of all they rest on, the code among it, in a folder of this
    run; its processes inherit the name. Tests that are of the making ask for ``nothing_kept``.
    """
    if not hasattr(config, "workerinput"):
        folder = tempfile.TemporaryDirectory(prefix="offing-kept-")
        config.add_cleanup(folder.cleanup)
        os.environ["OFFING_CACHE"] = folder.name


@pytest.fixture
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test sees what the code makes, not what an earlier one made."""
    monkeypatch.setenv("OFFING_CACHE", "")


EXAMPLE = Path(__file__).resolve().parents[0] / "museum" / "studies" / "tv-maker"


@pytest.fixture
def shared_study(monkeypatch: pytest.MonkeyPatch) -> None:
    """Studies that were run before are not run again; see ``shared_study``."""
    from shared_study import shared

    for place in ("offing.study.run.run_study", "offing.study.whatif.run_study"):
        monkeypatch.setattr(place, shared())


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of the example, in English, on the starter world: only look at them."""
    from offing.cli.app import run as offing
    from shared_study import shared

    folder = tmp_path_factory.mktemp("run") / "tv"
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("OFFING_WAREHOUSE", str(folder.parent / "no-warehouse"))
        patched.setattr("offing.study.run.run_study", shared())
        assert offing(["run", str(EXAMPLE / "study.toml"), "--out", str(folder)]) == 0
    return folder


SLOW = {
    "test_agents",
    "test_backtest",
    "test_blue_ocean",
    "test_browser",
    "test_evidence",
    "test_outlook",
    "test_scores",
    "test_whatif",
    "test_workwear",
}
"""Files whose tests take the most time: ``make test-lowest`` leaves them out."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the slow files."""
    for item in items:
        if Path(item.path).stem in SLOW:
            item.add_marker("slow")


TOGETHER = {
    "compiled": ("gravity", "test_gravity_panel.py", "test_scores.py", "test_docs.py"),
    "release": ("release",),
}
"""Files, by a word of their path, that run in one process: what one of them compiles or builds
serves the next. Every other file is for itself."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """``--dist loadfile``, with the files of ``TOGETHER`` as one."""
    from xdist.scheduler import LoadFileScheduling

    class Together(LoadFileScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            file: str = super()._split_scope(nodeid)
            words = {word for part in file.split("/") for word in (part, part[5:-3])}
            return next((name for name, of in TOGETHER.items() if words.intersection(of)), file)

    return Together(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.fixture(scope="session")
def _memories(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for each test in turn; to name one, ``tmp_path`` looks through all before it."""
    folder = tmp_path_factory.mktemp("memories")
    return (folder / str(number) for number in count())


@pytest.fixture(autouse=True)
def _nothing_is_remembered(monkeypatch: pytest.MonkeyPatch, _memories: Iterator[Path]) -> None:
    """A rate library that one test uses is not remembered in the next."""
    memory = next(_memories)
    memory.mkdir()
    monkeypatch.setattr("offing.sources.rate_library.MEMORY", memory / "rate-library.json")
