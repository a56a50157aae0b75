"""Where a user's files are, as each system's own rules have it."""

from pathlib import Path

import pytest

from offing.terms.files import cache_folder, data_folder

HOME = Path("/home/li")


@pytest.fixture(autouse=True)
def li(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user without settings of their own."""
    monkeypatch.setattr(Path, "home", lambda: HOME)
    for name in ("OFFING_CACHE", "XDG_DATA_HOME", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("system", "data", "cache"),
    [
        ("linux", ".local/share/offing", ".cache/offing"),
        ("darwin", "Library/Application Support/offing", "Library/Caches/offing"),
        ("win32", "AppData/Local/offing", "AppData/Local/offing/cache"),
    ],
)
def test_folders_of_each_system(
    system: str, data: str, cache: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", system)
    assert (data_folder(), cache_folder()) == (HOME / data, HOME / cache)


def test_what_the_user_has_set_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    monkeypatch.setenv("XDG_CACHE_HOME", "/cache")
    assert (data_folder(), cache_folder()) == (Path("/data/offing"), Path("/cache/offing"))
    monkeypatch.setenv("OFFING_CACHE", "/elsewhere")
    assert cache_folder() == Path("/elsewhere")
    monkeypatch.setenv("OFFING_CACHE", "")
    assert cache_folder() is None
