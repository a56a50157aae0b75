"""A server that others can reach: silent and slow connections, pages of other sites, cookies."""

import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest

from offing.api.settle import settle
from offing.terms.messages import say
from offing.web.guard import COOKIE, Sessions
from offing.web.settings import Settings, VisitorLimits
from web_server import EXAMPLES, Browser, Served, serving

SOON = 3.0
"""Seconds; a busy machine is given more than the one second that is promised."""
LIMITS = VisitorLimits(head_seconds=1.0, body_seconds=0.6, connections=20)
CROSS = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"}
LED_HERE = {
    "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document",
}  # fmt: skip


@pytest.fixture(scope="module")
def department(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("users"), users=("anna", "bo"), limits=LIMITS) as served:
        yield served


def wire(served: Served, sent: bytes = b"", *, from_: str = "127.0.0.1") -> socket.socket:
    host, port = served.base.removeprefix("http://").split(":")
    opened = socket.create_connection((host, int(port)), timeout=10, source_address=(from_, 0))
    opened.sendall(sent.replace(b"HOST", f"{host}:{port}".encode()))
    return opened


def asked(served: Served, sent: bytes) -> bytes:
    with wire(served, sent) as opened:
        return opened.recv(65_536)


def ends(opened: socket.socket) -> bool:
    """Whether a connection is ended on which a letter comes now and then."""
    start = time.monotonic()
    try:
        while time.monotonic() - start < 10:
            opened.sendall(b"x")
            time.sleep(0.1)
    except OSError:
        return True
    return False


def seconds_of(served: Served, path: str = "/static/workbench.css") -> float:
    start = time.monotonic()
    assert httpx.get(served.base + path).status_code == 200
    return time.monotonic() - start


class TestConnections:
    @pytest.mark.parametrize("from_", ["127.0.0.1", "127.0.0.2"])
    @pytest.mark.parametrize("begun", [b"", b"GET / HTTP/1.1\r\nHost: "])
    def test_200_that_say_nothing_block_nobody(
        self, tmp_path: Path, from_: str, begun: bytes
    ) -> None:
        """Of their own address or of another: asked beside them, and again while they stay."""
        with serving(tmp_path, limits=VisitorLimits(head_seconds=30)) as served:
            silent = [wire(served, begun, from_=from_) for _ in range(200)]
            try:
                assert max(seconds_of(served) for _ in range(5)) < SOON
            finally:
                for opened in silent:
                    opened.close()

    def test_of_an_address_with_too_many_the_one_silent_longest_is_ended(
        self, tmp_path: Path
    ) -> None:
        with serving(tmp_path, limits=VisitorLimits(head_seconds=30, connections=3)) as served:
            opened = []
            for _ in range(4):
                opened.append(wire(served))
                time.sleep(0.1)
            opened[0].settimeout(5)
            with suppress(ConnectionResetError):
                assert opened[0].recv(1) == b"", "it was ended"
            opened[1].sendall(b"GET /static/workbench.css HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert opened[1].recv(15) == b"HTTP/1.1 200 OK"
            for one in opened:
                one.close()

    def test_a_head_has_its_seconds_as_a_whole(self, server: Served) -> None:
        """A letter now and then does not prolong them."""
        with wire(server, b"GET / HTTP/1.1\r\n") as opened:
            assert ends(opened)

    def test_and_so_has_the_next_head_of_a_connection(self, server: Served) -> None:
        with wire(server, b"GET /static/workbench.css HTTP/1.1\r\nHost: HOST\r\n\r\n") as opened:
            assert opened.recv(15) == b"HTTP/1.1 200 OK"
            assert ends(opened)

    @pytest.mark.parametrize("kind", ["multipart/form-data; boundary=x", "text/plain"])
    def test_a_body_has_its_seconds_as_a_whole(self, server: Served, kind: str) -> None:
        browser = server.browser()
        head = (
            f"POST /ledger/drop HTTP/1.1\r\nHost: HOST\r\nCookie: {COOKIE}={cookie(browser)}\r\n"
            f"Content-Length: 1000\r\nContent-Type: {kind}\r\n\r\n"
            '--x\r\nContent-Disposition: form-data; name="y"\r\n\r\n'
        )
        start, answer = time.monotonic(), b""
        with wire(server, head.encode()) as opened:
            opened.settimeout(0.1)
            while not answer and time.monotonic() - start < 10:
                opened.sendall(b"-")
                try:
                    answer = opened.recv(20)
                except TimeoutError:
                    continue
        expected = b"408" if kind.startswith("multipart") else b"403"  # what is no form is not read
        assert answer.split()[1] == expected
        assert time.monotonic() - start < SOON

    def test_a_body_is_not_waited_for_before_it_is_known_who_sends_it(
        self, department: Served, server: Served
    ) -> None:
        """Neither without a session, nor for a form of a page that nobody was given."""
        head = (
            b"POST /ledger/drop HTTP/1.1\r\nHost: HOST\r\nContent-Length: 20000000\r\n"
            b"Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\n"
        )
        for served, status in ((department, b"401"), (server, b"403")):
            start = time.monotonic()
            assert asked(served, head).split()[1] == status
            assert time.monotonic() - start < LIMITS.body_seconds + 0.3

    def test_who_hangs_up_is_no_fault(
        self, server: Served, caplog: pytest.LogCaptureFixture
    ) -> None:
        mark = cookie(server.browser())
        for kind in ("multipart/form-data; boundary=x", "application/x-www-form-urlencoded"):
            head = (
                f"POST /ledger/drop HTTP/1.1\r\nHost: HOST\r\nCookie: {COOKIE}={mark}\r\n"
                f"Content-Length: 1000\r\nContent-Type: {kind}\r\n\r\n--x"
            )
            wire(server, head.encode()).close()
        wire(server, b"GET / HTTP/1.1\r\nHost: HOST\r\n\r\n").close()
        time.sleep(0.3)
        seconds_of(server)
        assert [entry for entry in caplog.records if entry.exc_info] == []


def cookie(browser: Browser) -> str:
    browser.get("/")
    return str(browser.http.cookies[COOKIE])


class TestPagesOfOtherSites:
    @pytest.fixture
    def worked(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """What was asked of the pages."""
        asks: list[str] = []
        real = settle

        @wraps(real)
        def settled(**options: Any) -> Any:
            asks.append(str(options))
            return real(**options)

        monkeypatch.setattr("offing.web.pages.questions.settle", settled)
        return asks

    @pytest.mark.parametrize(
        "headers",
        [
            CROSS, LED_HERE, {"sec-fetch-site": "same-site"}, {"sec-fetch-site": "new-word"},
            {"origin": "https://evil.example"}, {"origin": "null"},
            {"referer": "https://evil.example/x"}, {"referer": "http://127.0.0.1:1/"},
            {"referer": "http://127.0.0.1@evil.example/"},
        ],
    )  # fmt: skip
    @pytest.mark.parametrize("path", ["/settle", "/settle.json", "/settle.csv"])
    def test_nothing_is_worked_out_for_them(
        self, server: Served, worked: list[str], headers: dict[str, str], path: str
    ) -> None:
        query = {"amount": "9" * 100, "currency": "USD", "market": "DEU", "days": "90"}
        start = time.monotonic()
        shown = server.browser().http.get(path, params=query, headers=headers)
        assert time.monotonic() - start < SOON
        assert shown.status_code == 403
        assert "set-cookie" not in shown.headers
        assert worked == []

    def test_who_followed_a_link_goes_on_with_a_button(
        self, server: Served, worked: list[str]
    ) -> None:
        browser = server.browser()
        query = {"amount": "100000", "currency": "USD", "market": "DEU", "days": "90"}
        shown = browser.http.get("/settle", params=query, headers=LED_HERE)
        assert shown.status_code == 403
        assert say("web.foreign_page") in shown.text
        found = re.search(r'class="button" href="([^"]+)"', shown.text)
        assert found is not None
        onward = urljoin(str(shown.url), found[1].replace("&amp;", "&"))
        assert onward == str(shown.url), "the same address, and of this host alone"
        own = {"sec-fetch-site": "same-origin", "referer": str(shown.url)}
        assert browser.http.get(onward, headers=own).status_code == 200
        assert len(worked) == 1

    @pytest.mark.parametrize("path", ["//evil.example/x", "/\\evil.example", "/%2f%2fevil.example"])
    def test_the_button_leads_nowhere_else(self, server: Served, path: str) -> None:
        request = f"GET {path} HTTP/1.1\r\nHost: HOST\r\nSec-Fetch-Site: cross-site\r\n\r\n"
        answer = asked(server, request.encode())
        assert answer.split()[1] in (b"403", b"400")  # a backslash is no part of an address
        links = re.findall(rb'href="([^"]*)"', answer)
        assert not [link for link in links if b"evil" in link]

    @pytest.mark.parametrize("headers", [CROSS, LED_HERE])
    def test_a_link_of_theirs_opens_no_session(
        self, department: Served, headers: dict[str, str]
    ) -> None:
        token = department.workbench.sessions.fresh["anna"]
        with httpx.Client(base_url=department.base) as http:
            shown = http.get("/", params={"token": token}, headers=headers)
            assert shown.status_code == 403
            assert "set-cookie" not in shown.headers
            assert http.get("/").status_code == 401
            own = {"sec-fetch-site": "same-origin"}
            assert http.get("/", params={"token": token}, headers=own).status_code == 303
            assert http.get("/").status_code == 200

    @pytest.mark.parametrize(
        "headers",
        [{}, {"sec-fetch-site": "none"}, {"sec-fetch-site": "same-origin", "origin": "OWN"},
         {"referer": "OWN/plan?study=x"}, {"referer": "OWN"}],
    )  # fmt: skip
    def test_our_own_pages_and_programs_are_answered(
        self, server: Served, headers: dict[str, str]
    ) -> None:
        said = {name: value.replace("OWN", server.base) for name, value in headers.items()}
        assert server.browser().http.get("/law", headers=said).status_code == 200


class TestCookies:
    def test_with_a_token_its_cookies_are_gone(self, tmp_path: Path) -> None:
        first = Sessions(Settings(tmp_path, users=("anna", "bo")))
        cookies = {}
        for user in ("anna", "bo"):
            session = first.session_of_token(first.fresh[user])
            assert session is not None
            cookies[user] = first.cookie(session)
        users = tmp_path / "users.json"
        hashes = json.loads(users.read_text("utf-8"))
        del hashes["anna"]
        users.write_text(json.dumps(hashes), "utf-8")
        again = Sessions(Settings(tmp_path, users=("anna", "bo")))
        assert set(again.fresh) == {"anna"}
        assert again.session_of_cookie(cookies["anna"]) is None
        assert again.session_of_cookie(cookies["bo"]) is not None, "the others' stay"

    @pytest.mark.parametrize(
        ("proxy", "told", "secure"),
        [("127.0.0.1", "https", True), ("127.0.0.1", "http", False), ("127.0.0.9", "https", False),
         (None, "https", False)],
    )  # fmt: skip
    def test_secure_behind_the_proxy_that_was_named_alone(
        self, tmp_path: Path, proxy: str | None, told: str, secure: bool
    ) -> None:
        with serving(tmp_path, users=("anna",), proxy=proxy) as served:
            token = served.workbench.sessions.fresh["anna"]
            headers = {"x-forwarded-proto": told, "x-forwarded-for": "10.9.8.7"}
            shown = httpx.get(served.base, params={"token": token}, headers=headers)
            assert ("; secure" in shown.headers["set-cookie"].lower()) is secure
            sent = {COOKIE: shown.cookies[COOKIE]}
            httpx.get(f"{served.base}/ledger", cookies=sent, headers=headers)

    @pytest.mark.parametrize(
        "line",
        [
            b"Cookie: offing=owner.1.\xe9.\xff", b"Cookie: offing=\xe9.1.a.b",
            b"Cookie: offing_lang=\xe9", b"Accept-Language: \xe9;q=\xb2, en;q=1.2.3",
            b"If-None-Match: \xff", b"Accept-Encoding: \xff;q=\xff",
        ],
    )  # fmt: skip
    def test_bytes_above_127_are_no_fault(self, server: Served, line: bytes) -> None:
        answer = asked(server, b"GET / HTTP/1.1\r\nHost: HOST\r\n" + line + b"\r\n\r\n")
        assert answer.split()[1] == b"200"


@pytest.mark.parametrize("name", ["x" * 5_000 + ".csv", "日" * 100 + ".csv"])
class TestNamesThatNoSystemTakes:
    def test_a_study_that_is_sent_may_not_have_one(self, server: Served, name: str) -> None:
        text = (EXAMPLES / "tv-maker" / "study.toml").read_text("utf-8")
        text = text.replace('file = "ledger.csv"', f"file = {json.dumps(name)}")
        before = server.studies()
        files = {"study_file": ("study.toml", text.encode())}
        shown = server.browser().post("/start/open", files=files)
        assert shown.status_code == 400
        assert server.studies() == before


def test_a_study_nested_too_deep_or_with_an_endless_number_is_refused(server: Served) -> None:
    before = server.studies()
    for text in ("a = " + "[" * 3_000 + "]" * 3_000, "a = " + "9" * 6_000):
        files = {"study_file": ("study.toml", text.encode())}
        assert server.browser().post("/start/open", files=files).status_code == 400
    assert server.studies() == before


def test_requests_go_on_beside_changes_that_wait(tmp_path: Path) -> None:
    """Of 45 changes of one user each waits for their turn: others and other pages are answered."""
    with serving(tmp_path, users=("anna", "bo")) as served:
        anna, bo = served.browser("anna"), served.browser("bo")
        mark, sent = anna.mark, anna.http.cookies
        turn = served.workbench.turns.of("anna")
        if turn is served.workbench.turns.of("bo"):
            pytest.skip("the two share a lock in this run")

        def change() -> None:
            form = {"csrf": mark, "example": "tv-maker"}
            httpx.post(f"{served.base}/start/example", data=form, cookies=sent, timeout=60)

        waiting = [threading.Thread(target=change) for _ in range(45)]
        with turn:
            for thread in waiting:
                thread.start()
            time.sleep(1.0)
            for browser, path in ((anna, "/law"), (bo, "/"), (bo, "/ledger"), (bo, "/settle")):
                start = time.monotonic()
                assert browser.get(path).status_code in (200, 404)
                assert time.monotonic() - start < SOON
        for thread in waiting:
            thread.join()
