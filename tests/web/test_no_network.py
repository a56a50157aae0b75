"""Nothing leaves the machine: every page and every long work, with the network shut off.

Every Python process of the server is watched by an audit hook that notes and refuses whatever asks
for a host that is not this machine; its processes inherit it.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from offing.web.pages import pages
from web_server import Browser

pytestmark = [pytest.mark.proof, pytest.mark.slow]
WATCH = """
import os, sys

HERE = ("127.0.0.1", "::1", "localhost", "", None)


def refuse(event, given):
    if event == "socket.getaddrinfo":
        host = given[0]
    elif event in ("socket.connect", "socket.sendto", "socket.bind"):
        host = given[1][0] if isinstance(given[1], tuple) else None
    elif event == "subprocess.Popen":
        host = "a program" if "python" not in str(given[0]) else None
    else:
        return
    if isinstance(host, bytes):
        host = host.decode()
    if host not in HERE:
        with open(os.environ["ASKED"], "a") as log:
            print(event, host, file=log)
        raise OSError("the network is shut off")


sys.addaudithook(refuse)
"""
MONTHS = Path(__file__).resolve().parents[2] / "docs/tutorials/data/finance-months.csv"
ON = {"on": "2024-12-31"}
ASKED = {
    "ladder": {"product": "8528", "market": "DEU", "price": "560", "of": "HC-65M"},
    "markets": {"product": "8528", "origin": "CHN", "compare": "DEU"},
    "quote": {"of": "HC-55Q", "destination": "DEU", "quantity": "300", "beside": "GBR", **ON},
    "settle": {"amount": "100000", "currency": "EUR", "market": "DEU", **ON},
    "law": {"country": "USA", **ON},
    "data": {"verify": "1"},
}


@pytest.fixture(scope="module")
def shut_off(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment whose Python processes reach this machine alone."""
    folder = tmp_path_factory.mktemp("shut")
    (folder / "sitecustomize.py").write_text(WATCH, encoding="utf-8")
    paths = [str(folder), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    return os.environ | {
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        "ASKED": str(folder / "asked"),
        "OFFING_WAREHOUSE": str(folder / "none"),
    }


@pytest.fixture(scope="module")
def browser(
    tmp_path_factory: pytest.TempPathFactory, shut_off: dict[str, str]
) -> Iterator[Browser]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    home = str(tmp_path_factory.mktemp("home"))
    line = [sys.executable, "-m", "offing", "serve", "--no-browser", "--port", port, "--home", home]
    with subprocess.Popen(line, env=shut_off, stdout=subprocess.DEVNULL) as server:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                httpx.get(f"http://127.0.0.1:{port}/")
                break
            except httpx.TransportError:
                time.sleep(0.1)
        found = Browser(f"http://127.0.0.1:{port}")
        yield found
        found.http.close()
        server.terminate()


def await_job(browser: Browser, page: str, **query: str) -> None:
    until = time.monotonic() + 300
    while browser.get(f"/{page}/progress", **query).json()["state"] == "running":
        assert time.monotonic() < until
        time.sleep(0.3)


def test_what_asks_another_machine_is_noticed(shut_off: dict[str, str], tmp_path: Path) -> None:
    """The one thing that does: a download that a person orders."""
    line = [sys.executable, "-m", "offing", "fetch", "ecb", "--to", str(tmp_path), "--only"]
    done = subprocess.run(line, env=shut_off, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    asked = Path(shut_off["ASKED"])
    assert "www.ecb.europa.eu" in asked.read_text()
    asked.unlink()


def test_no_page_and_no_work_asks_another_machine(
    browser: Browser, shut_off: dict[str, str]
) -> None:
    study = browser.example()
    browser.post("/plan/run", study=study)
    await_job(browser, "plan", study=study)
    browser.post("/refund/drop", {"months": ("months.csv", MONTHS.read_bytes())})
    for page in pages():
        query = {"study": study, **ASKED.get(page.name, {})}
        for address in (page.address, f"/{page.name}.json"):
            shown = browser.get(address, **query)
            assert shown.status_code == 200, (address, shown.text[:400])
    assert "moves" in browser.get("/plan", study=study).text
    asked = Path(shut_off["ASKED"])
    assert not asked.exists(), asked.read_text()
