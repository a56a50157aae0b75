"""Careless input on the real commands: each is refused or quarantined, in both languages.

The list is that of the project's first issue. What a reader does with single rows is tested in
``tests/sources``, kills and full disks in ``tests/warehouse``.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from offing.cli.app import run
from offing.cli.commands import COMMANDS

pytestmark = pytest.mark.slow

STUDY = Path(__file__).resolve().parents[1] / "museum" / "studies" / "tv-maker" / "study.toml"


@pytest.fixture(params=["en", "zh"])
def lang(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def refused(capsys: pytest.CaptureFixture[str], lang: str, *words: str) -> str:
    """The error that a command ends with, on standard error, with exit code 2."""
    assert run([*words, "--lang", lang]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("Error: " if lang == "en" else "错误：")
    return "".join(captured.err.split())


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send")
@pytest.mark.parametrize("delay", [0.3, 1.2])
def test_ctrl_c_is_answered_in_words(delay: float) -> None:
    command = [sys.executable, "-m", "offing", "backtest", "--lang", "zh"]
    child = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    time.sleep(delay + (1.0 if "CI" in os.environ else 0.0))
    child.send_signal(signal.SIGINT)
    _, error = child.communicate(timeout=60)
    if child.returncode != -signal.SIGINT:  # before Python itself was ready
        assert child.returncode == 130
        assert "已停止" in error
        assert "Traceback" not in error


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send")
def test_ctrl_c_does_not_wait_for_other_threads() -> None:
    """The first run compiles for half a minute on a thread of its own, which hears no Ctrl-C."""
    code = (
        "import sys, time\n"
        "from concurrent.futures import ThreadPoolExecutor\n"
        "from offing.cli import app\n"
        "def busy(rest, as_json):\n"
        "    with ThreadPoolExecutor(1) as pool:\n"
        "        compiling = pool.submit(time.sleep, 50)\n"
        "        print('ready', flush=True)\n"
        "        return compiling.result()\n"
        "app._answer = busy\n"
        "app.main(['--lang', 'en', 'backtest'])\n"
    )
    command = [sys.executable, "-c", code]
    child = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    begun = time.monotonic()
    child.send_signal(signal.SIGINT)
    _, error = child.communicate(timeout=60)
    assert time.monotonic() - begun < 20
    assert child.returncode == 130
    assert error.count("Stopped") == 1


def test_ctrl_c_waits_for_what_is_being_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """DuckDB ends the program where its import is broken off: the import is finished first.

    Nor is the Ctrl-C lost where a library swallows what breaks an import off.
    """
    (tmp_path / "slow_import.py").write_text(
        "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\nDONE = True\n", encoding="utf-8"
    )
    (tmp_path / "slow_command.py").write_text(
        "import contextlib, time\n\n\ndef run() -> int:\n"
        "    with contextlib.suppress(BaseException):\n        import slow_import\n"
        "    time.sleep(30)\n    return 0\n",
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(COMMANDS, "slow", "slow_command:run")
    assert run(["slow", "--lang", "en"]) == 130
    assert "Stopped." in capsys.readouterr().err
    assert sys.modules["slow_import"].DONE
