"""Every command is called, said and shown."""

from pathlib import Path

import pytest

from offing.cli import commands
from offing.terms.messages import known

NAMES = sorted(
    file.stem.replace("_", "-")
    for file in Path(commands.__file__).parent.glob("*.py")
    if file.stem != "__init__"
)
GUIDES = [
    page.read_text(encoding="utf-8")
    for folder in ("how-to", "tutorials")
    for page in (Path(__file__).resolve().parents[2] / "docs" / folder).glob("*.md")
]


@pytest.mark.parametrize("name", NAMES)
class TestEveryCommand:
    def test_is_in_the_list(self, name: str) -> None:
        function = name.replace("-", "_")
        assert commands.COMMANDS[name] == f"offing.cli.commands.{function}:{function}"

    def test_has_a_line_on_the_help_page(self, name: str) -> None:
        assert known(f"cli.{name}"), f"cli.{name}"

    def test_is_shown_in_a_guide(self, name: str) -> None:
        assert any(f"offing {name}" in text for text in GUIDES), f"offing {name}"
