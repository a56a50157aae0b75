"""Consoles without Chinese, closed and full outputs: each a clear end, never a traceback."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

QUOTE = ["quote", "852872", "DEU", "--on", "2024-12-31", "--code", "85287240", "--cost", "3150CNY"]
QUOTE += ["--price", "560USD", "--quantity", "300"]
STARTS = "from offing.cli.app import main; main()"


def offing(
    *arguments: str, redirect: str = "", encoding: str = "utf-8"
) -> tuple[int, bytes, bytes]:
    """The command in a process of its own, with its outputs led elsewhere by a shell."""
    line = f'exec "$0" -c "{STARTS}" "$@" {redirect}'
    done = subprocess.run(
        ["sh", "-c", line, sys.executable, *arguments],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        timeout=120,
    )
    assert b"Traceback" not in done.stderr, done.stderr.decode(encoding, "replace")
    assert b"Exception ignored" not in done.stderr
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(("lang", "encoding"), [("en", "gbk"), ("zh", "gbk"), ("zh", "latin-1")])
def test_a_console_in_another_encoding(lang: str, encoding: str) -> None:
    code, out, err = offing(*QUOTE, "--lang", lang, encoding=encoding)
    text = out.decode(encoding)
    assert code == 0
    assert ("德国" in text) == (lang == "zh" and encoding == "gbk")
    assert (b"PYTHONIOENCODING" in err) == (lang == "zh" and encoding != "gbk")
    assert text.count("?") < 12


@pytest.fixture(scope="module")
def utf() -> bytes:
    return offing("sources", "--json", "--lang", "zh")[1]


def test_json_keeps_every_character(utf: bytes) -> None:
    code, out, _ = offing("sources", "--json", "--lang", "en", encoding="gbk")
    assert code == 0
    told = json.loads(out.decode("gbk"))
    assert "?" not in {part for one in told["not_loaded"] for part in one["title"]}
    assert told["warehouse"] == json.loads(utf)["warehouse"]


@pytest.mark.parametrize(("redirect", "more"), [(">&-", []), ("> /dev/full", ["--json"])])
def test_an_output_that_cannot_be_written(redirect: str, more: list[str]) -> None:
    if "full" in redirect and not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    code, _, err = offing("sources", "--lang", "en", *more, redirect=redirect)
    assert code == 2
    assert b"tandard output cannot be written" in err
