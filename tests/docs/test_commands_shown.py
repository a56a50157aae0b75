"""Every command that a page shows has the options that it is shown with."""

import re
import shlex
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from cyclopts import CycloptsError, MissingArgumentError
from tools.built_pages import PAGES as PAGES_BUILT
from tools.docs_site import text_of

from offing.cli.build import build_app
from offing.cli.commands import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
ELSEWHERE = {"decisions", "record", "reference"}
"""History, and what is generated from the commands themselves."""
PAGES = sorted(
    page
    for page in [*DOCS.rglob("*.md"), *ROOT.glob("README*.md"), *ROOT.glob("examples/*/README.md")]
    if ELSEWHERE.isdisjoint(page.relative_to(ROOT).parts) and ".zh." not in page.name
)
"""``test_languages.py`` holds that Chinese ones have the same commands."""
FENCE = re.compile(r"^```(?:sh|text)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def shown(text: str) -> list[str]:
    """The calls of ``offing`` in the blocks, indented lines and backticks of a page."""
    blocks = "\n".join(FENCE.findall(text)).replace("\\\n", " ")
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    lines = blocks.splitlines() + re.findall(r"^    (.+)$", prose, re.MULTILINE)
    return [
        line for line in lines + re.findall(r"`([^`]+)`", prose) if re.match(r"offing [a-z]", line)
    ]


def words(line: str) -> list[str]:
    """What stands after ``offing``, without the language and where the answer is written to."""
    plain = re.sub(r"\s--lang (?:en|zh)\b", " ", line)
    return shlex.split(plain.partition(" > ")[0], comments=True)[1:]


Wrong = Callable[[str], str | None]


@pytest.fixture(scope="module")
def wrong() -> Wrong:
    """What the command line does not know of a call; prose may leave out what is needed.

    A call is looked at once: both languages and several pages show the same.
    """
    app = build_app()

    @cache
    def found(line: str) -> str | None:
        name, *rest = words(line)
        if name not in COMMANDS:
            return line
        try:
            app.parse_args([name, *rest], exit_on_error=False, print_error=False)
        except MissingArgumentError:
            pass
        except CycloptsError:
            return line
        return None

    return found


def test_a_wrong_one_is_found(wrong: Wrong) -> None:
    page = "`offing run`\n```sh\noffing ladder 8528 DEU --yeer 2024   # in words\n```\n"
    assert [wrong(line) for line in shown(page)] == [
        "offing ladder 8528 DEU --yeer 2024   # in words",
        None,
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_options_are_there(page: Path, wrong: Wrong) -> None:
    lines = shown(page.read_text(encoding="utf-8"))
    assert [line for line in lines if wrong(line) is not None] == []


def test_options_are_there_on_built_pages(wrong: Wrong) -> None:
    names = [name for name in PAGES_BUILT if name.startswith(("indicators", "models", "rules"))]
    texts = [text_of(Path(name)) for name in names if "/ranking-" not in name]
    lines = [line for text in texts for line in shown(text)]
    assert len(lines) > 100
    assert [line for line in lines if wrong(line) is not None] == []
