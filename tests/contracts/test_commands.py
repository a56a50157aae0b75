"""Every command is called, said and shown."""

from importlib import import_module
from pathlib import Path

import pytest

from offing.cli.commands import COMMANDS
from offing.terms.messages import has_message

ROOT = Path(__file__).resolve().parents[2]
FILES = {
    file.stem
    for file in (ROOT / "src" / "offing" / "cli" / "commands").glob("*.py")
    if file.stem not in ("__init__", "questions")
}
NAMES = sorted({*COMMANDS, *(file.replace("_", "-") for file in FILES)})
GUIDES = [
    page.read_text(encoding="utf-8")
    for folder in ("how-to", "tutorials")
    for page in (ROOT / "docs" / folder).glob("*.md")
]


@pytest.mark.parametrize("name", NAMES)
class TestEveryCommand:
    def test_is_in_the_list(self, name: str) -> None:
        function = name.replace("-", "_")
        where = COMMANDS[name]
        if function in FILES:
            assert where == f"offing.cli.commands.{function}:{function}"
        else:
            assert callable(getattr(import_module(where.partition(":")[0]), function))

    def test_has_a_line_on_the_help_page(self, name: str) -> None:
        assert has_message(f"cli.{name}"), f"cli.{name}"

    def test_is_shown_in_a_guide(self, name: str) -> None:
        assert any(f"offing {name}" in text for text in GUIDES), f"offing {name}"
