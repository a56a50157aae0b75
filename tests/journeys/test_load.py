"""A person loads data, loads careless data, and looks at what there is."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from offing.cli.app import run as offing
from offing.sources import fetching

HEAD = "t,i,j,k,v,q\n"
ROWS = "2020,156,276,852872,1000.5,12.25\n2020,156,842,852872,3,NA\n"


@pytest.fixture(autouse=True)
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "warehouse"
    monkeypatch.setenv("OFFING_WAREHOUSE", str(folder))
    monkeypatch.setenv("COLUMNS", "120")
    return folder


@pytest.fixture
def baci(tmp_path: Path) -> Path:
    path = tmp_path / "BACI_HS17_Y2020_V202301.csv"
    path.write_text(HEAD + ROWS + "2020,530,276,852872,1,1\n", encoding="utf-8")
    return path


def test_fetch_then_load(
    tmp_path: Path,
    baci: Path,
    house: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """From a server on this machine."""
    (tmp_path / "served").mkdir()
    baci.rename(tmp_path / "served" / baci.name)
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1"],
        cwd=tmp_path / "served",
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        try:
            assert server.stdout is not None
            port = server.stdout.readline().split(" port ")[1].split()[0]
            url = f"http://127.0.0.1:{port}/{baci.name}"
            folder = str(tmp_path / "got")
            assert offing(["fetch", "baci", "--url", url, "--to", folder, "--json"]) == 0
            assert json.loads(capsys.readouterr().out)["load"]["good"] == 2
            wrong = ["--url", url, "--to", folder, "--sha256", "0" * 64, "--json"]
            assert offing(["fetch", "baci", *wrong]) == 2
            assert "sources.wrong_checksum" in capsys.readouterr().err
        finally:
            server.kill()
    monkeypatch.setattr(fetching, "TIMEOUT", 2.0)
    began = time.perf_counter()
    assert offing(["fetch", "baci", "--url", url, "--to", folder, "--json"]) == 2
    assert "sources.offline" in capsys.readouterr().err
    assert time.perf_counter() - began < 5
