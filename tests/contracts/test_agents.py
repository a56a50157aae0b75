"""AGENTS.md is true: add what a row says, in a copy of the tree, and the tests it names agree.

First the file alone is copied from where the row says: the tests must fail and name each further
place. Then these are filled in: the tests must pass.
"""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINE = re.compile(r"^\| (?P<what>[^|]+) \| (?P<place>[^|]+) \| (?P<copy>[^|]+) \| (?P<also>.+) \|$")


@dataclass(frozen=True)
class Row:
    """A row of the table: where it goes, what to copy, what else, and which tests ask for that."""

    place: str
    copy: str
    also: str

    @property
    def tests(self) -> list[str]:
        return re.findall(r"`(tests/[\w/]+\.py)`", self.also)

    def messages(self, name: str) -> list[str]:
        keys = re.findall(r"`(\w+\.\w*<name>)`", self.also)
        return [key.replace("<name>", name) for key in keys]


def table() -> dict[str, Row]:
    lines = map(LINE.match, (ROOT / "AGENTS.md").read_text(encoding="utf-8").splitlines())
    rows = [line.groupdict() for line in lines if line]
    tick = re.compile(r"`([^`]+)`")
    return {
        row["what"]: Row(
            (tick.findall(row["place"]) or [""])[0],
            (tick.findall(row["copy"]) or [""])[0],
            row["also"],
        )
        for row in rows[2:]
    }


ROWS = table()
ADDED = {
    "a command": "newcomer", "a data set": "newcomer", "a scoring method": "newcomer",
    "a country's import regime": "isl", "a chart": "newcomer",
}  # fmt: skip
UNREAD = shutil.ignore_patterns("__pycache__", "starter", "golden")
MISSING = (
    "cli.newcomer", "offing newcomer", "ABOUT.name", "tests/sources, newcomer",
    "offing load newcomer", "market.rival_newcomer", "[isl]",
    "no section, page or telling draws newcomer",
)  # fmt: skip
"""What the failures must name, at least one thing for each row."""


@pytest.mark.parametrize("what", ROWS)
def test_what_a_row_names_is_there(what: str) -> None:
    row = ROWS[what]
    for place in (row.place, row.copy, *row.tests):
        if "/" in place and not re.search("[<N]", place):
            assert (ROOT / place).exists(), place


def asked(tree: Path) -> subprocess.CompletedProcess[str]:
    """The contract tests that the rows name, of what was added, in a copy of the tree."""
    tests = sorted({test for what in ADDED for test in ROWS[what].tests})
    chosen = ["-q", "-p", "no:cacheprovider", "--tb=short", "-k", "newcomer or isl", *tests]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *chosen],
        cwd=tree,
        env=os.environ | {"PYTHONPATH": str(tree / "src")},
        capture_output=True,
        text=True,
        check=False,
    )


def put(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text, file
    file.write_text(text.replace(old, new), encoding="utf-8")


def complete(tree: Path) -> None:
    """What the rows have under *also*."""
    src = tree / "src" / "offing"
    for what, name in ADDED.items():
        for key in ROWS[what].messages(name):
            room, _, message = key.partition(".")
            file = src / "terms" / "messages" / f"{room}.toml"
            text = file.read_text(encoding="utf-8")
            file.write_text(f'{text}\n[{message}]\nen = "new"\nzh = "新"\n', encoding="utf-8")
    commands = src / "cli" / "commands" / "__init__.py"
    put(commands, "ELSEWHERE = {", 'ELSEWHERE = {\n    "newcomer": "offing.cli.commands.newcomer",')
    put(commands, "NAMES = (", 'NAMES = (\n    "newcomer",')
    put(src / "sources" / "newcomer.py", '"distances", (', '"newcomer", (')
    put(src / "rules" / "regimes" / "isl.toml", "GBR", "ISL")
    put(src / "rules" / "regimes" / "isl.toml", "gbr.", "isl.")
    drawing = "from offing.report.charts import newcomer\n"
    (src / "report" / "views" / "newcomer.py").write_text(drawing, encoding="utf-8")
    guide = tree / "docs" / "how-to" / "newcomer.md"
    guide.write_text("offing newcomer\noffing load newcomer\n", encoding="utf-8")
    test = tree / "tests" / "sources" / "test_newcomer.py"
    test.write_text("from offing.sources import newcomer\n", encoding="utf-8")


def test_what_the_rows_say_is_asked_for_and_enough(tmp_path: Path) -> None:
    for folder in ("src", "tests", "docs"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=UNREAD)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for what, name in ADDED.items():
        row = ROWS[what]
        shutil.copy(tmp_path / row.copy, tmp_path / row.place / (name + Path(row.copy).suffix))
    alone = asked(tmp_path)
    assert alone.returncode == 1, alone.stdout
    assert [part for part in MISSING if part not in alone.stdout] == []
    complete(tmp_path)
    whole = asked(tmp_path)
    assert whole.returncode == 0, whole.stdout
