"""Ask a workbench many times in one process and watch its memory (make soak COUNT=100000).

``python -m tools.soak [COUNT] [SEED] [FILE]``: several clients at once ask pages kept and made
anew, a plan with its switches, tables, twins, errors, changes of a study and files taken in, in two
languages. What it seeks is growth: after the first third, in which every place that keeps something
is filled, the memory must stay.
"""

import asyncio
import gc
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from html import unescape
from pathlib import Path
from statistics import median
from urllib.parse import quote, urlencode

import httpx
import psutil

from offing.web.app import create_app
from offing.web.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
MONTHS = ROOT / "docs" / "tutorials" / "data" / "finance-months.csv"
LEDGER = ROOT / "examples" / "tv-maker" / "ledger.csv"
CLIENTS = 4
"""That ask at once."""
SEEN = 30
"""How often the memory is looked at."""
ALLOWED = 1.05
"""The memory of the last third over that of the second, at most."""
EXPECTED = {200, 303, 400, 404}


@dataclass(frozen=True)
class Soaked:
    """What was asked and what it did to the memory.

    Attributes:
        requests: asked.
        seed: of their order.
        commit: of the code; empty where there is none.
        seconds: they took.
        processor_seconds: of the workbench's own process.
        statuses: status → how many answers had it.
        rss_mb: resident memory along the way, in million bytes.
        growth: median of its last third over that of the second.
    """

    requests: int
    seed: int
    commit: str
    seconds: float
    processor_seconds: float
    statuses: dict[str, int]
    rss_mb: list[float]
    growth: float

    @property
    def holds(self) -> bool:
        """Whether nothing grew and nothing broke."""
        return self.growth <= ALLOWED and not set(map(int, self.statuses)) - EXPECTED


@dataclass(frozen=True)
class Open:
    """The study with a plan, the moves of it, another to be changed, the mark of the forms."""

    study: str
    other: str
    mark: str
    moves: tuple[str, ...]


class Asker:
    """Draws requests: most as people ask them, some that were never asked before."""

    def __init__(self, client: httpx.AsyncClient, seed: int, opened: Open) -> None:
        self._client, self._draw, self._open = client, random.Random(seed), opened
        self._number = seed * 1_000_000

    async def ask(self) -> int:
        """One request; its status."""
        self._number += 1
        kind = self._draw.random()
        if kind < 0.005:
            return await self._send()
        if kind < 0.007:
            return await self._change()
        language = self._draw.choice(("en", "zh"))
        address = self._address() if kind < 0.92 else self._odd()
        return (await self._client.get(f"{address}&lang={language}")).status_code

    def _address(self) -> str:
        day = date(2024, 1, 1) + timedelta(days=self._draw.randrange(4))
        study = {"study": self._open.study}
        market = self._draw.choice(("DEU", "USA", "JPN"))
        pages = {
            "": study,
            "ledger": study,
            "edit": {"study": self._open.other},
            "what-if": study,
            "plan": study | self._switched(),
            "refund": {},
            "proof": {},
            "data": {},
            "law": {"country": self._draw.choice(("DEU", "USA", "GBR", "BRA")), "on": str(day)},
            "markets": {"product": "8528", "origin": "CHN", "compare": market},
            "ladder": {"product": "8528", "market": market},
            "settle": {"amount": f"{self._draw.randrange(1, 9)}00000", "currency": "EUR",
                       "market": "DEU", "on": "2024-12-31"},
            "quote": {"product": "852872", "destination": "DEU", "price": "560 USD",
                      "cost": f"{3000 + self._draw.randrange(2)} CNY", "on": "2024-12-31"},
        }  # fmt: skip
        name = self._draw.choice(tuple(pages))
        form = "" if name == "" else self._draw.choice(("", "", "", ".json"))
        return f"/{name}{form}?{urlencode(pages[name])}"

    def _switched(self) -> dict[str, str]:
        """Now and then a move that is switched off."""
        moves = self._open.moves
        return {"without": self._draw.choice(moves)} if self._draw.random() < 0.05 else {}

    def _odd(self) -> str:
        """Never asked before: a new query, a mistake, no page."""
        number = self._number
        return self._draw.choice(
            (
                f"/law?country=DEU&on=2024-12-31&anew={number}",
                f"/law.json?country=nowhere{number}",
                f"/ladder.csv?table={number}",
                f"/plan?study={quote('没有')}{number}",
                f"/nothing{number}?",
                f"/quote?destination={number}",
                f"/?token-less={number}",
            )
        )

    async def _change(self) -> int:
        """A figure of the study changed, or the last change undone."""
        form = {"csrf": self._open.mark, "study": self._open.other}
        if self._draw.random() < 0.5:
            return (await self._client.post("/edit/undo", data=form)).status_code
        form["limits.entry_budget_cny"] = str(3_000_000 + self._draw.randrange(9))
        return (await self._client.post("/edit/change", data=form)).status_code

    async def _send(self) -> int:
        """A file: the same two again and again, under ever other names."""
        form = {"csrf": self._open.mark, "study": self._open.study}
        if self._draw.random() < 0.5:
            files = {"months": (f"m{self._number}.csv", MONTHS.read_bytes(), "text/csv")}
            return (await self._client.post("/refund/drop", data=form, files=files)).status_code
        files = {"file": (f"l{self._number}.csv", LEDGER.read_bytes(), "text/csv")}
        return (await self._client.post("/ledger/drop", data=form, files=files)).status_code


async def _opened(client: httpx.AsyncClient) -> Open:
    """Open the example twice and work out the plan of the first."""
    mark = (await client.get("/")).text.split('name="csrf" value="')[1].split('"')[0]
    sent = {"csrf": mark, "example": "tv-maker"}
    at = [(await client.post("/start/example", data=sent)).headers["location"] for _ in range(2)]
    study, other = (address.partition("study=")[2].partition("&")[0] for address in at)
    await client.post("/plan/run", data={"csrf": mark, "study": study})
    while (await client.get(f"/plan/progress?study={study}")).json()["state"] == "running":
        await asyncio.sleep(1)
    plan = unescape((await client.get(f"/plan?study={study}")).text)
    moves = tuple(re.findall(r'name="without" value="([^"]+)"', plan))
    if not moves:
        raise RuntimeError("the plan has no moves")
    return Open(study, other, mark, moves)


async def soaked(count: int, seed: int, home: Path) -> Soaked:
    """Ask so many times."""
    app = create_app(Settings(home))
    base, process = "http://127.0.0.1:8628", psutil.Process()
    transport = httpx.ASGITransport(app=app)
    statuses: Counter[str] = Counter()
    seen: list[float] = []
    async with httpx.AsyncClient(transport=transport, base_url=base, timeout=600) as client:
        opened = await _opened(client)
        began, used = time.perf_counter(), time.process_time()

        async def ask(asker: Asker) -> None:
            while statuses.total() < count:
                statuses[str(await asker.ask())] += 1
                if statuses.total() % max(1, count // SEEN) == 0:
                    gc.collect()
                    seen.append(round(process.memory_info().rss / 1e6, 1))

        askers = [Asker(client, seed * CLIENTS + number, opened) for number in range(CLIENTS)]
        await asyncio.gather(*map(ask, askers))
    third = len(seen) // 3
    return Soaked(
        requests=statuses.total(),
        seed=seed,
        commit=_commit(),
        seconds=round(time.perf_counter() - began, 1),
        processor_seconds=round(time.process_time() - used, 1),
        statuses=dict(sorted(statuses.items())),
        rss_mb=seen,
        growth=round(median(seen[-third:]) / median(seen[third : 2 * third]), 4),
    )


def _commit() -> str:
    """Of the code that is soaked; said by ``COMMIT`` where it is a copy without its history."""
    if commit := os.environ.get("COMMIT"):
        return commit
    command = ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def main(arguments: list[str]) -> int:
    """Soak, print, and write where a file is named. Returns 1 where the memory grew."""
    count = int(arguments[0]) if arguments else 100_000
    seed = int(arguments[1]) if len(arguments) > 1 else 1
    with tempfile.TemporaryDirectory() as home:
        os.environ["OFFING_WAREHOUSE"] = str(Path(home) / "no-warehouse")
        result = asyncio.run(soaked(count, seed, Path(home) / "bench"))
    text = json.dumps(asdict(result) | {"holds": result.holds}, indent=1) + "\n"
    print(text, end="")
    if len(arguments) > 2:
        Path(arguments[2]).write_text(text, encoding="utf-8")
    return 0 if result.holds else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
