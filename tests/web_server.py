"""A workbench that really listens, for tests that ask it over the network."""

import json
import re
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import httpx
import pytest
import uvicorn

from offing.cli.app import run as offing
from offing.web.app import create_app
from offing.web.serve import config_of
from offing.web.settings import Settings, VisitorLimits
from offing.web.workbench import Workbench

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
ANSWERS = {
    "product": "55 寸电视", "code": "8528", "brand": "own", "on": "2024-12-31",
    "firm.name": "海川显示", "firm.city": "青岛", "firm.vat_status": "manufacturer",
    "plant.0.line.0.hours": "6万", "model.0.price_usd": "380", "model.0.cost_cny": "2,130",
    "model.0.input_vat_cny": "240", "model.0.kg": "16.5", "model.0.m3": "0.14",
    "model.0.refund_rate": "13", "shipping.shipment_units": "300",
    "shipping.inland_usd_per_m3": "6.50", "shipping.export_clearance_usd": "150.00",
    "shipping.freight_usd_per_m3_fixed": "18", "shipping.freight_usd_per_m3_1000km": "2.10",
}  # fmt: skip
"""Of the questions on the first page."""


class Browser:
    """What a person's browser keeps: cookies, and the mark of its forms."""

    def __init__(self, base: str, token: str | None = None) -> None:
        self.http = httpx.Client(
            base_url=base, follow_redirects=True, timeout=60, verify=False
        )  # no certificates are read for plain HTTP
        self.http.headers["accept-language"] = "en"
        if token is not None:
            self.http.get("/", params={"token": token})

    def get(self, path: str, **query: str) -> httpx.Response:
        return self.http.get(path, params=query)

    @cached_property
    def mark(self) -> str:
        """The token of this session's forms, the same on each of its pages."""
        found = re.search(r'name="csrf" value="(\w+)"', self.http.get("/").text)
        assert found is not None
        return found[1]

    def post(
        self, path: str, files: dict[str, tuple[str, bytes]] | None = None, **form: str
    ) -> httpx.Response:
        return self.http.post(path, data={"csrf": self.mark, **form}, files=files)

    def example(self, name: str = "tv-maker") -> str:
        """Copy an example; the name of the study."""
        shown = self.post("/start/example", example=name)
        assert shown.status_code == 200
        return shown.url.params["study"]


def audit_of(server: "Served") -> list[dict[str, str]]:
    """The lines of the audit log, the oldest first."""
    lines = server.workbench.audit.file.read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


class Served:
    """A running workbench."""

    def __init__(self, base: str, workbench: Workbench) -> None:
        self.base, self.workbench = base, workbench
        self.browsers: list[Browser] = []

    def browser(self, user: str | None = None) -> Browser:
        """A new browser, of a user whose token is fresh, or of nobody."""
        token = None if user is None else self.workbench.sessions.fresh[user]
        self.browsers.append(Browser(self.base, token))
        return self.browsers[-1]

    def studies(self, user: str = "owner") -> list[str]:
        return [place.name for place in self.workbench.studies.of(user)]


def put_moving(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """The package's own example as the owner's ``tv``, worked out here: its plan has moves."""
    put_study(served, EXAMPLES / "tv-maker")
    place = served.workbench.studies.named("owner", "tv")
    monkeypatch.setenv("OFFING_WAREHOUSE", str(place.folder / "no-warehouse"))
    assert offing(["run", str(place.file), "--out", str(place.results)]) == 0


def put_study(served: Served, study: Path, results: Path | None = None) -> None:
    """A study as the owner's ``tv``, with its results where they are given."""
    place = served.workbench.studies.new("owner", "tv")
    for file in study.iterdir():
        if file.is_file():
            shutil.copy(file, place.folder)
    if results is not None:
        shutil.copytree(results, place.results)


@contextmanager
def serving(
    home: Path,
    *,
    users: tuple[str, ...] = (),
    limits: VisitorLimits | None = None,
    study: Path | None = None,
    proxy: str | None = None,
) -> Iterator[Served]:
    """Serve a workbench on a port of its own until the block ends."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    settings = Settings(
        home, port=port, users=users, limits=limits or VisitorLimits(), study=study, proxy=proxy
    )
    app = create_app(settings)
    server = uvicorn.Server(config_of(app, app.state.workbench.settings, log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    served = Served(f"http://127.0.0.1:{port}", app.state.workbench)
    try:
        yield served
    finally:
        for browser in served.browsers:
            browser.http.close()
        server.should_exit = True
        thread.join()
        listening.close()
