"""How deep a case may be nested."""

from pathlib import Path

import pytest

from offing.cases.reading import DEEPEST, read_cases
from offing.terms.errors import InputError


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ("{a: ", "}")])
def test_cases_are_nested_forty_deep_at_most(tmp_path: Path, opening: str, closing: str) -> None:
    """The file itself, its cases and what they hold count."""
    file = tmp_path / "cases.yaml"
    for depth, deep in ((DEEPEST, False), (DEEPEST + 1, True)):
        inner = depth - 3
        value = opening * inner + "1" + closing * inner
        file.write_text(f"cases:\n  - given: {value}\n", encoding="utf-8")
        try:
            read_cases(file)
            key = None
        except InputError as error:
            key = error.key
        assert (key == "check.too_deep") == deep, (depth, key)
