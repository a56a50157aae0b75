"""Settings for all tests, and the one run of the example study that many of them look at."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# A test sees what the code makes, not what an earlier one made.
os.environ["OFFING_CACHE"] = ""

# A busy machine is no fault of the code: how long an example takes decides nothing.
settings.register_profile("offing", deadline=None)
settings.load_profile("offing")

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


@pytest.fixture(autouse=True)
def _nothing_is_remembered(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A rate library that one test uses is not remembered in the next."""
    monkeypatch.setattr("offing.sources.rate_library.MEMORY", tmp_path / "rate-library.json")
