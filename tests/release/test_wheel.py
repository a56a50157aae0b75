"""The wheel alone, installed outside the clone: all that its words name is there."""

import json
import os
import re
import shlex
import subprocess
import sys
import sysconfig
from email import message_from_string
from functools import partial
from pathlib import Path

import pytest

from offing.cli.commands import COMMANDS
from offing.terms.messages import LANGUAGES, room_messages, rooms

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.proof, pytest.mark.slow]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"(?s)```sh\n(.*?)```", README)
LINES = [
    shlex.split(line.partition("#")[0])
    for block in BLOCKS
    for line in block.splitlines()
    if line.startswith("offing ")
]
SEVERAL = """
import contextlib, io, json, sys
from offing.cli.app import run
ends = []
for line in json.loads(sys.argv[1]):
    said = io.StringIO()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(said):
        ends.append((run(line), said.getvalue()))
print(json.dumps(ends))
"""
"""Commands one after the other: a process takes longer to start than most of them to answer."""
LONG = {"run", "plan", "price", "whatif", "backtest", "evidence", "gravity", "markets", "outlook"}
"""Commands that other tests run: here only their files are looked for."""
MESSAGES = [
    text
    for room in rooms()
    for message in room_messages(room).values()
    for language in LANGUAGES
    if (text := message[language])
]


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel alone; its dependencies are those of the tests."""
    folder = tmp_path_factory.mktemp("installed") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    python = folder / "bin" / "python"
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", python, "install", "-q", "--no-index",
         "--no-deps", "--no-compile", "--disable-pip-version-check", wheel],
        check=True,
    )  # fmt: skip
    own = Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
    (own / "those_of_the_tests.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder


@pytest.fixture(scope="module")
def package(installed: Path) -> Path:
    return Path(sysconfig.get_path("purelib", vars={"base": str(installed)})) / "offing"


@pytest.fixture(scope="module")
def place(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty folder far from the clone, with the examples written into it."""
    folder = tmp_path_factory.mktemp("elsewhere") / "我的 文件"
    folder.mkdir()
    assert "offing run examples/tv-maker/study.toml" in offing(installed, folder, "examples")
    return folder


def offing(installed: Path, folder: Path, *line: str, program: str = "offing") -> str:
    """What the installed program says; it must end well."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    done = subprocess.run(
        [installed / "bin" / program, *line],
        cwd=folder, capture_output=True, encoding="utf-8", check=False,
        env=env | {"HOME": str(folder), "LC_ALL": "C.UTF-8", "COLUMNS": "200",
                   "OFFING_WAREHOUSE": str(folder / "none")},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_is_the_wheel_that_runs(installed: Path, place: Path, package: Path) -> None:
    """Not the working copy: its folder is nowhere in what is imported."""
    code = "import offing, offing.api.quote; print(offing.__file__, offing.api.quote.__file__)"
    done = subprocess.run(
        [installed / "bin" / "python", "-c", code], cwd=place, capture_output=True,
        encoding="utf-8", check=True, env={"PATH": os.environ["PATH"]},
    )  # fmt: skip
    assert all(Path(file).is_relative_to(package) for file in done.stdout.split())
    assert not package.is_relative_to(ROOT)


@pytest.fixture(scope="module")
def ends(installed: Path, place: Path) -> list[tuple[int, str]]:
    """How each command of the README ends that is not long, and its errors."""
    short = json.dumps([line[1:] for line in LINES if line[1] not in LONG])
    told = offing(installed, place, "-c", SEVERAL, short, program="python")
    return [(code, said) for code, said in json.loads(told)]


@pytest.mark.parametrize("line", LINES, ids=" ".join)
def test_a_command_of_the_readme_finds_its_files(
    place: Path, ends: list[tuple[int, str]], line: list[str]
) -> None:
    for word in line[1:]:
        if re.search(r"^[\w.-]+/|\.(toml|csv|yaml)$", word):
            assert (place / word).exists(), word
    if line[1] not in LONG:
        at = sum(other[1] not in LONG for other in LINES[: LINES.index(line)])
        code, said = ends[at]
        assert code == 0, said


def test_the_example_study_runs(installed: Path, place: Path) -> None:
    told = offing(installed, place, "plan", "examples/tv-maker/study.toml", "--json")
    assert "sales_now" in told


def test_files_that_the_words_name_are_carried(package: Path) -> None:
    """In messages, in the README, and in what the package itself points to."""
    name = re.compile(r"(?<![\w./])(?:docs|examples)/[\w./-]*\w")
    written = [*MESSAGES, README]
    for file in package.rglob("*"):
        if file.suffix in (".py", ".toml", ".html") and "examples" not in file.parts:
            written.append(file.read_text(encoding="utf-8"))
    named = {found for text in written for found in name.findall(text)}
    assert "examples/tv-maker/study.toml" in named
    assert "docs/reference/regime-file.md" in named
    missing = [found for found in named if not list(package.glob(found.rstrip(".") + "*"))]
    assert missing == []
    assert (package / "docs" / "CHANGELOG.md").is_file()


def test_extras_and_commands_that_messages_name_exist(installed: Path, package: Path) -> None:
    (told,) = package.parent.glob("offing-*.dist-info/METADATA")
    extras = set(message_from_string(told.read_text("utf-8")).get_all("Provides-Extra") or ())
    named = {extra for text in MESSAGES for extra in re.findall(r"offing\[(\w+)\]", text)}
    assert "gravity" in named <= extras
    followed = re.compile(r"(?<![\w-])offing ([a-z][a-z-]+)(?= (?:[A-Z]{2}|\{|--))")
    called = {word for text in MESSAGES for word in followed.findall(text)}
    assert {"run", "load"} <= called <= set(COMMANDS)


def test_the_list_of_the_archive_is_short_of_nothing(installed: Path, place: Path) -> None:
    say = partial(offing, installed, place)
    told = say("examples", "再来 一次")
    assert "docs" in told
    assert (place / "再来 一次" / "tv-maker" / "ledger.csv").is_file()
