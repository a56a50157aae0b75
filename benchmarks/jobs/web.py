"""The workbench as its user waits for it: a real server on the starter world, with a plan.

The server is a process of its own, asked over the loopback. *Warm* is a page asked for again as a
browser does it; beside it stands the same page made anew, with a query that was not asked before.
"""

import gzip
import http.client
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import httpx
import psutil

from benchmarks import Row

ROOT = Path(__file__).resolve().parents[2]
MONTHS = ROOT / "docs" / "tutorials" / "data" / "finance-months.csv"
QUESTIONS = {
    "ladder": {"product": "8528", "market": "DEU", "price": "560"},
    "markets": {"product": "8528", "origin": "CHN"},
    "quote": {"of": "HC-55Q", "destination": "DEU", "quantity": "300"},
    "settle": {"amount": "100000", "currency": "EUR", "market": "DEU", "on": "2024-12-31"},
    "law": {"country": "DEU", "on": "2024-12-31"},
}
"""What is asked on the pages that ask a question."""
LIGHT = ("plan", "quote", "refund", "settle")
"""Pages that may weigh 120 kB with style and script."""
TIMES, ANEW = 40, 8
REQUESTS, CLIENTS = 2_000, 4
P95_S, SWITCH_S, PAINT_S, LIGHT_KB, A_SECOND = 0.05, 1.0, 0.7, 120.0, 500


class Client:
    """A browser's connection: kept open, with its cookie, taking compressed answers."""

    def __init__(self, port: int, cookie: str) -> None:
        self._http = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self._headers = {"cookie": cookie, "accept-encoding": "gzip", "accept-language": "zh"}

    def get(self, address: str) -> tuple[float, bytes]:
        """Seconds to the last byte, and what came, as it came.

        Raises:
            AssertionError: the page was none.
        """
        began = time.perf_counter()
        self._http.request("GET", address, headers=self._headers)
        response = self._http.getresponse()
        body = response.read()
        seconds = time.perf_counter() - began
        if response.status != 200:
            raise AssertionError(f"{address}: {response.status}")
        return seconds, body


@contextmanager
def serving(home: Path, warehouse: Path | None = None) -> Iterator[tuple[int, int]]:
    """A workbench in a process of its own, until the block ends; its port and its number.

    Without a warehouse it has the starter world.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "offing", "serve", "--no-browser"]
    process = subprocess.Popen(
        [*command, "--port", str(port), "--home", str(home)],
        stdout=subprocess.DEVNULL,
        env=os.environ
        | {
            "OFFING_WAREHOUSE": str(warehouse or home / "no-warehouse"),
            "OFFING_CACHE": str(home / "cache"),
        },
    )
    try:
        for _ in range(600):
            with socket.socket() as tried:
                if tried.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait()


def prepared(port: int, wait: float = 120) -> tuple[str, str, list[str]]:
    """Open the example, work out its plan, drop a table of months: cookie, study, moves."""
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=wait) as browser:
        browser.headers["accept-language"] = "zh"
        mark = re.findall(r'name="csrf" value="(\w+)"', browser.get("/").text)[0]
        form = {"csrf": mark, "example": "tv-maker"}
        study = browser.post("/start/example", data=form).headers["location"].partition("study=")[2]
        browser.post("/plan/run", data={"csrf": mark, "study": study})
        while browser.get("/plan/progress", params={"study": study}).json()["state"] == "running":
            time.sleep(0.5)
        files = {"months": ("months.csv", MONTHS.read_bytes())}
        browser.post("/refund/drop", data={"csrf": mark}, files=files)
        plan = browser.get("/plan", params={"study": study}).text
        moves = re.findall(r'name="without" value="([^"]+)"', unescape(plan))
        if not moves:
            raise AssertionError("the plan has no moves")
        return "; ".join(f"{k}={v}" for k, v in browser.cookies.items()), study, moves


def p95(seconds: list[float]) -> float:
    """The 95th percentile, by the nearest rank."""
    return sorted(seconds)[max(0, -(-95 * len(seconds) // 100) - 1)]


def addresses(study: str) -> dict[str, str]:
    """Every page of the navigation with its question, in the open study."""
    from offing.web.pages import pages

    listed = [page for page in pages() if page.listed]
    return {
        page.name: f"{page.address}?{urlencode({'study': study} | QUESTIONS.get(page.name, {}))}"
        for page in listed
    }


def processor_of(number: int) -> Callable[[], float]:
    """Tells the seconds of processor that a process has used."""
    server = psutil.Process(number)

    def used() -> float:
        times = server.cpu_times()
        return float(times.user + times.system)

    return used


def switch_row(client: Client, plan: str, moves: list[str], number: int) -> Row:
    """The plan re-made after each of six moves is switched off: the slowest."""
    used, waited, worked = processor_of(number), [], []
    for move in moves[:6]:
        began = used()
        waited.append(client.get(f"{plan}&without={move}")[0])
        worked.append(used() - began)
    name = "plan re-made after a switch, worst of 6"
    return Row(name, max(waited), "processor, worst of 6", max(worked), bar=SWITCH_S)


def page_rows(client: Client, pages: dict[str, str], number: int, bar: float = P95_S) -> list[Row]:
    """Of each page its 95th percentile, warm, and beside it made anew.

    On a busy machine the processor time of the server, process ``number``, says more.
    """
    rows, used = [], processor_of(number)
    for name, address in pages.items():
        began = used()
        anew = [client.get(f"{address}&made-anew={n}")[0] for n in range(ANEW)]
        processor = (used() - began) / ANEW
        client.get(address)
        warm = p95([client.get(address)[0] for _ in range(TIMES)])
        rows.append(
            Row(
                f"{name}, warm p95",
                warm,
                f"made anew, p95 ({processor:.2f} s of processor)",
                p95(anew),
                bar=bar,
            )
        )
    return rows


def _weights(client: Client, pages: dict[str, str]) -> list[Row]:
    """Page, style and script together, compressed, as a first visit takes them."""
    rows = []
    for name in LIGHT:
        body = client.get(pages[name])[1]
        text = gzip.decompress(body).decode()
        files = dict.fromkeys(re.findall(r'(?:href|src)="(/static/[^"]+)"', text))
        size = len(body) + sum(len(client.get(file)[1]) for file in files)
        rows.append(Row(f"{name}, gzip", size / 1000, bar=LIGHT_KB, unit="kB"))
    return rows


def _throughput(port: int, cookie: str, pages: dict[str, str]) -> Row:
    """Kept pages, by several clients at once."""
    addresses = [pages[name] for name in ("plan", "quote", "law", "ladder", "markets")]

    def visit(client: Client) -> None:
        for number in range(REQUESTS // CLIENTS):
            client.get(addresses[number % len(addresses)])

    clients = [Client(port, cookie) for _ in range(CLIENTS)]
    threads = [threading.Thread(target=visit, args=(client,)) for client in clients]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    milliseconds = seconds / REQUESTS * 1000
    return Row(
        f"1,000 kept pages, {CLIENTS} clients ({1000 / milliseconds:,.0f} a second)",
        milliseconds,
        bar=1000 / A_SECOND,
    )


def _first_paint(port: int, cookie: str, pages: dict[str, str]) -> list[Row]:
    """Of a browser that has nothing of ours yet; none where there is no Chromium."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:
        return []
    if chromium is None:
        return []
    base, seen = f"http://127.0.0.1:{port}", {}
    name, _, value = cookie.partition("; ")[0].partition("=")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        browser.new_page().goto(base)  # the browser itself is warm
        for page_name in ("start", *LIGHT, "markets"):
            context = browser.new_context(locale="zh-CN", bypass_csp=True)  # to ask it afterwards
            context.add_cookies([{"name": name, "value": value, "url": base}])
            page = context.new_page()
            page.goto(base + pages[page_name])
            page.wait_for_function(
                "performance.getEntriesByName('first-contentful-paint').length > 0"
            )
            seen[page_name] = page.evaluate(
                "performance.getEntriesByName('first-contentful-paint')[0].startTime"
            )
            context.close()
        browser.close()
    return [Row(f"{name}, first paint", ms / 1000, bar=PAINT_S) for name, ms in seen.items()]


def run() -> list[Row]:
    """Pages, their weight, kept pages a second, a switch, first paint."""
    with tempfile.TemporaryDirectory() as home, serving(Path(home)) as (port, number):
        cookie, study, moves = prepared(port)
        pages, client = addresses(study), Client(port, cookie)
        rows = [*page_rows(client, pages, number), *_weights(client, pages)]
        rows.append(_throughput(port, cookie, pages))
        client = Client(port, cookie)  # the other one was idle for too long
        rows.append(switch_row(client, pages["plan"], moves, number))
        return rows + _first_paint(port, cookie, pages)
