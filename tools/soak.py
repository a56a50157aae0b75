"""Ask a workbench many times in one process and watch its memory (make soak COUNT=100000).

``python -m tools.soak [COUNT] [SEED] [FILE]``: pages kept and made anew, tables, twins, errors,
files taken in, in two languages. What it seeks is growth: after the first third, in which every
place that keeps something is filled, the memory must stay.
"""

import asyncio
import gc
import json
import os
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from urllib.parse import quote, urlencode

import httpx
import psutil

from offing.web.app import create_app
from offing.web.settings import Limits, Settings

ROOT = Path(__file__).resolve().parents[1]
MONTHS = ROOT / "docs" / "tutorials" / "data" / "finance-months.csv"
LEDGER = ROOT / "examples" / "tv-maker" / "ledger.csv"
KEPT = 2_000_000
"""Bytes of answers that are shown again: few, so that the place is soon full."""
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
        seconds: they took.
        statuses: status → how many answers had it.
        rss_mb: resident memory along the way, in million bytes.
        growth: median of its last third over that of the second.
    """

    requests: int
    seed: int
    seconds: float
    statuses: dict[str, int]
    rss_mb: list[float]
    growth: float

    @property
    def holds(self) -> bool:
        """Whether nothing grew and nothing broke."""
        return self.growth <= ALLOWED and not set(map(int, self.statuses)) - EXPECTED


class Asker:
    """Draws requests: most as people ask them, some that were never asked before."""

    def __init__(self, client: httpx.AsyncClient, seed: int, study: str, mark: str) -> None:
        self._client, self._draw = client, random.Random(seed)
        self._study, self._mark, self._number = study, mark, 0

    async def ask(self) -> int:
        """One request; its status."""
        self._number += 1
        kind = self._draw.random()
        if kind < 0.005:
            return await self._send()
        language = self._draw.choice(("en", "zh"))
        address = self._address() if kind < 0.92 else self._odd()
        return (await self._client.get(f"{address}&lang={language}")).status_code

    def _address(self) -> str:
        day = date(2024, 1, 1) + timedelta(days=self._draw.randrange(4))
        study = {"study": self._study}
        pages = {
            "": study,
            "ledger": study,
            "plan": study,
            "refund": {},
            "proof": {},
            "data": {},
            "law": {"country": self._draw.choice(("DEU", "USA", "GBR", "BRA")), "on": str(day)},
            "ladder": {"product": "8528", "market": self._draw.choice(("DEU", "USA", "JPN"))},
            "quote": {"product": "852872", "destination": "DEU", "price": "560 USD",
                      "cost": f"{3000 + self._draw.randrange(2)} CNY", "on": "2024-12-31"},
        }  # fmt: skip
        name = self._draw.choice(tuple(pages))
        form = "" if name == "" else self._draw.choice(("", "", "", ".json"))
        return f"/{name}{form}?{urlencode(pages[name])}"

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

    async def _send(self) -> int:
        """A file: the same two again and again, under ever other names."""
        given = {"csrf": self._mark, "study": self._study}
        if self._draw.random() < 0.5:
            files = {"months": (f"m{self._number}.csv", MONTHS.read_bytes(), "text/csv")}
            return (await self._client.post("/refund/drop", data=given, files=files)).status_code
        files = {"file": (f"l{self._number}.csv", LEDGER.read_bytes(), "text/csv")}
        return (await self._client.post("/ledger/drop", data=given, files=files)).status_code


async def soaked(count: int, seed: int, home: Path) -> Soaked:
    """Ask so many times."""
    app = create_app(Settings(home, limits=Limits(kept_bytes=KEPT)))
    base, process = "http://127.0.0.1:8628", psutil.Process()
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url=base, timeout=120) as client:
        page = (await client.get("/")).text
        mark = page.split('name="csrf" value="')[1].split('"')[0]
        sent = {"csrf": mark, "example": "tv-maker"}
        study = (await client.post("/start/example", data=sent)).headers["location"]
        asker = Asker(client, seed, study.partition("study=")[2].partition("&")[0], mark)
        statuses: Counter[str] = Counter()
        seen, began = [], time.perf_counter()
        for number in range(count):
            statuses[str(await asker.ask())] += 1
            if (number + 1) % max(1, count // SEEN) == 0:
                gc.collect()
                seen.append(round(process.memory_info().rss / 1e6, 1))
    third = len(seen) // 3
    growth = median(seen[-third:]) / median(seen[third : 2 * third])
    seconds = round(time.perf_counter() - began, 1)
    return Soaked(count, seed, seconds, dict(sorted(statuses.items())), seen, round(growth, 4))


def main(arguments: list[str]) -> int:
    """Soak, print, and write where a file is named. Returns 1 where the memory grew."""
    count = int(arguments[0]) if arguments else 10_000
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
