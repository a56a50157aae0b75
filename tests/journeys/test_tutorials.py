"""The tutorials run: every command, every change of a file, and what they say comes out.

A block of ``sh`` is run line by line, one of ``python`` as it stands, a ``diff`` changes the study
that was copied last, and each line of a ``text`` block has its words in the output before it, in
their order.
"""

import re
import shlex
import shutil
from pathlib import Path

import pytest

from offing.cli.app import run

ROOT = Path(__file__).resolve().parents[2]
TUTORIALS = ROOT / "docs" / "tutorials"
PAGES = sorted(TUTORIALS.glob("*.md"))
pytestmark = pytest.mark.slow
GAP = 60
"""Letters that may stand between two words of an excerpt."""


def blocks(page: Path) -> list[tuple[str, str]]:
    """Kind and text of the fenced blocks of a page."""
    return re.findall(r"^```(\w+)\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)


def copied(page: Path) -> Path:
    """The study in the folder that the page says to copy, in the current folder."""
    source, target = re.findall(r"^cp -r (\S+) (\S+)$", page.read_text("utf-8"), re.MULTILINE)[-1]
    return Path(target) / (
        "study.toml" if "examples" in source else f"{page.name.split('.')[0]}.toml"
    )


def change(page: Path, diff: str) -> None:
    """Put the lines of ``+`` in the place of those of ``-``."""
    study = copied(page)
    old, new = (re.findall(rf"^\{sign}(.+)$", diff, re.MULTILINE) for sign in "-+")
    text = study.read_text(encoding="utf-8")
    for before, after in zip(old, new, strict=True):
        assert text.count(before) == 1, f"{study} has {before!r} once"
        text = text.replace(before, after)
    study.write_text(text, encoding="utf-8")


def says(output: str, excerpt: str) -> bool:
    """Whether the words of a line of an excerpt stand in the output in their order."""
    between = rf".{{0,{GAP}}}?"
    return bool(re.search(between.join(map(re.escape, excerpt.split())), output))


def test_an_excerpt_can_be_missed() -> None:
    assert says("refund 595.00 │ 585.00", "refund 595.00 585.00")
    assert not says("refund 585.00 │ 595.00", "refund 595.00 585.00")
    assert not says("refund " + "-" * 2 * GAP + " 595.00", "refund 595.00")


def test_there_is_one_for_each_person() -> None:
    people = {"overseas-lead", "finance-lead", "trade-office", "economist"}
    names = {page.name for page in PAGES}
    assert {f"{name}{ending}" for name in people for ending in (".md", ".zh.md")} <= names
    for name in people:
        text = (TUTORIALS / f"{name}.md").read_text("utf-8")
        assert "docs/tutorials/data/" in text, "it begins with a file"
        assert re.search(r"!\[.+\]\(\.\./gallery/", text), "it has a picture"


@pytest.mark.locked
@pytest.mark.usefixtures("shared_study")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_it_runs(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "examples", "examples")
    shutil.copytree(TUTORIALS / "data", "docs/tutorials/data")
    output, names = "", {"__name__": "tutorial"}
    for kind, text in blocks(page):
        if kind == "sh":
            output = ""
            for line in text.splitlines():
                words = shlex.split(line)
                if words[0] == "cp":
                    shutil.copytree(words[2], words[3])
                    continue
                assert words[0] == "offing", line
                code, said = run(words[1:]), capsys.readouterr()
                # 2 without an error: rows of an untidy file are in quarantine, and it is answered
                assert code in (0, 1) or not said.err, said.err
                output += "".join(said)
            output = re.sub(r"\s+", " ", output)
        elif kind == "diff":
            change(page, text)
        elif kind == "python":
            exec(compile(text, str(page), "exec"), names)
        elif kind == "text":
            missed = [line for line in text.splitlines() if not says(output, line)]
            assert missed == [], output
