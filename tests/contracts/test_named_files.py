"""The files that the tests' own settings name are there: a name that is gone says nothing."""

from pathlib import Path

import pytest

import conftest

TESTS = Path(conftest.__file__).parent


def test_files_named_by_their_place_are_there() -> None:
    named = [f"{name}.py" for name in conftest.LONG] + [
        name.removeprefix("tests/") for name in conftest.FIRST
    ]
    assert [name for name in named if not (TESTS / name).is_file()] == []


def test_files_named_by_their_stem_are_there() -> None:
    stems = {file.stem for file in TESTS.rglob("test_*.py")}
    assert stems >= conftest.SLOW


def test_the_quick_run_has_most_tests(request: pytest.FixtureRequest) -> None:
    """What is left out is what takes long, not most of what is checked."""
    items = request.session.items
    if len(items) > 5_000:  # the whole suite
        left_out = sum(any(item.get_closest_marker(m) for m in ("slow", "long")) for item in items)
        assert left_out < 0.3 * len(items)
