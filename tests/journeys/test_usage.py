"""Wrong uses of the command line: in words, in both languages, with exit code 2."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from offing.cli.app import run as offing
from offing.cli.commands import COMMANDS

ALONE = {"sources", "indicators", "backtest", "mcp", "serve", "examples"}
"""Commands that answer without a word after them, or wait."""


@pytest.mark.parametrize("name", [name for name in COMMANDS if name not in ALONE])
def test_a_command_alone_says_what_it_lacks(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert offing([name, "--lang", "en"]) == 2
    shown = capsys.readouterr().err
    assert shown.startswith("Error: ")
    assert "Next: " in shown or "Expected: " in shown


def test_import_is_light() -> None:
    """``import offing`` loads none of the heavy packages; the bar is 0.2 s."""
    code = (
        "import sys, offing; "
        "heavy = {'polars', 'duckdb', 'numpy', 'pydantic', 'scipy', 'rich'} & set(sys.modules); "
        "sys.exit(', '.join(heavy) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.returncode == 0


@pytest.mark.parametrize("arguments", [["ubiquity", "--top", "3000"], ["pci", "--json"], ["eci"]])
def test_a_closed_pipe_ends_quietly(arguments: list[str]) -> None:
    """As ``offing … | true`` does: no traceback, and the code of a program ended by SIGPIPE."""
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "offing", "indicators", *arguments]
    with os.fdopen(writer, "wb") as pipe:
        done = subprocess.run(command, stdout=pipe, stderr=subprocess.PIPE, check=False)
    assert done.stderr == b""
    assert done.returncode == 141


def test_the_package_itself_is_the_command() -> None:
    """Where the folder of scripts is not on the path, ``python -m offing`` is all there is."""
    command = [sys.executable, "-m", "offing", "nowhere", "--lang", "en"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "nowhere" in done.stderr
    assert "Traceback" not in done.stderr


def test_help_loads_nothing_heavy_and_is_quick() -> None:
    """The bar is 0.3 s for the whole program: of the processor's time, and of the best of three."""
    code = (
        "import sys, time; from offing.cli.app import run; run(['--help']); "
        "heavy = {'polars', 'duckdb', 'numpy', 'pydantic', 'scipy'} & set(sys.modules); "
        "print(*heavy, time.process_time(), file=sys.stderr)"
    )
    took = []
    for _ in range(3):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        took.append(float(done.stderr))
    assert min(took) < 0.3
