"""What a stranger, a forged page, a bomb or a slow client may not do: each would pass unguarded."""

import io
import json
import socket
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from offing.terms.messages import say
from offing.web.guard import RateLimiter
from offing.web.pages import pages
from offing.web.settings import VisitorLimits
from web_server import ANSWERS, Browser, Served

LIMITS = VisitorLimits(
    upload_bytes=300_000, unpacked_bytes=2_000_000, upload_rows=500, body_seconds=0.5
)
GOOD = (
    b"Date,Market,HS code,Quantity,Amount USD,Model\n"
    b"2024-02-01,Germany,852872,10,6000,HC-65M\n"
    b"2024-03-01,France,852872,5,3000,HC-65M\n"
)


def drop(browser: Browser, study: str, name: str, content: bytes) -> httpx.Response:
    return browser.post("/ledger/drop", files={"file": (name, content)}, study=study)


class TestForeignNames:
    """A page of another site whose name points at this machine reads nothing: DNS rebinding."""

    @pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example"])
    def test_a_foreign_host_is_refused(self, browser: Browser, host: str) -> None:
        shown = browser.http.get("/", headers={"host": host})
        assert shown.status_code in (400, 421)
        assert "study" not in shown.text.lower() or shown.status_code == 421
        assert "set-cookie" not in shown.headers

    @pytest.mark.parametrize("host", ["localhost:1", "127.0.0.1", "[::1]:80", "LOCALHOST"])
    def test_our_own_names_are_not(self, browser: Browser, host: str) -> None:
        assert browser.http.get("/", headers={"host": host}).status_code == 200


class TestForgedForms:
    """A form on another site, sent by the browser of someone who is signed in, changes nothing."""

    def test_without_the_mark(self, browser: Browser, server: Served) -> None:
        before = server.studies()
        for form in ({}, {"csrf": ""}, {"csrf": "0" * 64}):
            shown = browser.http.post("/start/example", data={"example": "tv-maker", **form})
            assert shown.status_code == 403
        assert server.studies() == before

    def test_with_the_mark_of_another_session(self, browser: Browser, server: Served) -> None:
        before, foreign = server.studies(), server.browser().mark
        shown = browser.http.post("/start/example", data={"example": "tv-maker", "csrf": foreign})
        assert shown.status_code == 403
        assert server.studies() == before

    @pytest.mark.parametrize(
        "header",
        [{"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}],
    )
    def test_from_another_site(
        self, browser: Browser, server: Served, header: dict[str, str]
    ) -> None:
        before, mark = server.studies(), browser.mark
        form = {"example": "tv-maker", "csrf": mark}
        assert browser.http.post("/start/example", data=form, headers=header).status_code == 403
        assert server.studies() == before

    def test_a_get_changes_nothing(self, browser: Browser, server: Served) -> None:
        before = server.studies()
        for page in pages():
            for change in page.changes:
                shown = browser.get(f"/{page.name}/{change}", study="x", csrf=browser.mark)
                assert shown.status_code in (404, 405)
        assert server.studies() == before


class TestUploads:
    @pytest.mark.parametrize("name", ["../../../evil.csv", "..\\evil.csv", "/etc/x.csv", "a/b.csv"])
    def test_a_path_in_a_name_leads_nowhere(
        self, browser: Browser, server: Served, name: str
    ) -> None:
        study = browser.example()
        assert drop(browser, study, name, GOOD).status_code == 200
        home = server.workbench.settings.home
        new = [file for file in home.rglob("*") if file.suffix == ".csv"]
        folder = server.workbench.studies.named("owner", study).folder
        assert all(file.parent.parent == folder.parent for file in new)
        assert [f for f in folder.glob("*.csv") if f.read_bytes() == GOOD]
        assert not list(home.parent.rglob("evil.csv"))
        assert not Path("/etc/x.csv").exists()

    def test_too_large(self, browser: Browser) -> None:
        shown = drop(browser, browser.example(), "x.csv", b"a,b\n" * 200_000)
        assert shown.status_code == 413

    def test_too_large_without_a_length(self, browser: Browser) -> None:
        def pieces() -> Iterator[bytes]:
            yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="x.csv"\r\n\r\n'
            for _ in range(100):
                yield b"x" * 5_000
            yield b"\r\n--x--\r\n"

        browser.get("/")
        kind = {"content-type": "multipart/form-data; boundary=x"}
        shown = browser.http.post("/ledger/drop", content=pieces(), headers=kind)
        assert shown.status_code == 413

    def test_too_many_rows(self, browser: Browser) -> None:
        shown = drop(browser, browser.example(), "x.csv", GOOD + b"1\n" * 600)
        assert shown.status_code == 413
        assert "500" in shown.text

    def test_a_bomb(self, browser: Browser) -> None:
        assert drop(browser, browser.example(), "x.xlsx", bomb()).status_code == 413

    def test_a_bomb_that_lies_about_its_size(self, browser: Browser, server: Served) -> None:
        study = browser.example()
        content = lying(bomb())
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            assert archive.infolist()[0].file_size == 100
        assert drop(browser, study, "x.xlsx", content).status_code in (400, 413)
        folder = server.workbench.studies.named("owner", study).folder
        assert not list(folder.glob("*.xlsx")), "nothing of it is kept"

    @pytest.mark.parametrize("path", ["/etc/passwd", "../../other/ledger.csv"])
    def test_a_study_cannot_name_files_elsewhere(
        self, browser: Browser, server: Served, path: str
    ) -> None:
        from web_server import EXAMPLES

        before = server.studies()
        text = (EXAMPLES / "tv-maker" / "study.toml").read_text("utf-8")
        text = text.replace('file = "ledger.csv"', f"file = {json.dumps(path)}")
        files = {"study_file": ("study.toml", text.encode())}
        shown = browser.post("/start/open", files=files)
        assert shown.status_code == 400
        assert "root:" not in shown.text
        assert server.studies() == before


def bomb() -> bytes:
    """A server workbook that unpacks to 20 MB."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 20_000_000)
    assert len(packed.getvalue()) < LIMITS.upload_bytes
    return packed.getvalue()


def lying(content: bytes) -> bytes:
    """The same archive, which announces 100 bytes for each member."""
    true, false = (20_000_000).to_bytes(4, "little"), (100).to_bytes(4, "little")
    assert content.count(true) == 2
    return content.replace(true, false)


class TestText:
    EVIL = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'

    def test_a_script_in_a_firm_s_name_is_text(self, browser: Browser) -> None:
        evil = dict.fromkeys(("product", "firm.name", "firm.city"), self.EVIL)
        shown = browser.post("/start/begin", None, **ANSWERS | evil)
        assert shown.status_code == 200
        for page in (shown, browser.get("/"), browser.get("/nothing<script>")):
            assert "<script>alert" not in page.text
            assert "<img src=x" not in page.text
        assert "&lt;script&gt;alert" in browser.get("/").text

    def test_nothing_inline_may_run(self, browser: Browser, server: Served) -> None:
        study = browser.example()
        for page in pages():
            shown = browser.get(page.address, study=study)
            policy = shown.headers["content-security-policy"]
            rules = dict(part.strip().split(" ", 1) for part in policy.split(";"))
            assert rules["default-src"] == "'none'"
            assert rules["script-src"] == "'self'"
            assert "unsafe" not in rules["style-src"]
            assert rules["frame-ancestors"] == rules["base-uri"] == "'none'"
            assert "<script>" not in shown.text
            assert "<style" not in shown.text
            assert " onclick" not in shown.text
            assert shown.text.count("<script ") == 1

    def test_an_error_tells_no_folder_and_no_trace(self, browser: Browser, server: Served) -> None:
        study = browser.example()
        (server.workbench.studies.named("owner", study).folder / "ledger.csv").unlink()
        for path in ("/ledger", "/ledger.json"):
            shown = browser.get(path, study=study)
            assert shown.status_code in (400, 404)
            assert "ledger.csv" in shown.text
            assert str(server.workbench.settings.home) not in shown.text
            assert "Traceback" not in shown.text

    def test_a_fault_is_a_page_too(
        self, browser: Browser, server: Served, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_: object) -> None:
            raise ZeroDivisionError("the inside of the program")

        monkeypatch.setattr(server.workbench.studies, "of", broken)
        shown = browser.http.get("/")
        assert shown.status_code == 500
        assert "the inside" not in shown.text
        assert say("web.broken_next") in shown.text
        assert "content-security-policy" in shown.headers


def test_a_formula_of_a_ledger_is_text_in_the_csv(browser: Browser) -> None:
    study = browser.example()
    evil = GOOD.replace(b"HC-65M", b"=HYPERLINK(1)", 1)
    drop(browser, study, "x.csv", evil)
    rows = browser.get("/ledger.csv", study=study, table="first-rows").text
    assert "'=HYPERLINK(1)" in rows
    assert ",=HYPERLINK" not in rows


@pytest.mark.parametrize("path", ["/begin/drop", "/start/example", "/settle/none"])
@pytest.mark.parametrize("pieces", [["zz\r\n"], ["3\r\nabc\r\n", "x\r\n"], ["1\r\nabc\r\n"]])
def test_a_body_that_is_none_is_refused_without_its_inside_in_the_log(
    server: Served, path: str, pieces: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Pieces of another form ended in a fault of the server's, with all its inside in the log."""
    host, port = server.base.removeprefix("http://").split(":")
    browser = server.browser()
    browser.get("/")
    cookie = "; ".join(f"{name}={value}" for name, value in browser.http.cookies.items())
    with caplog.at_level("ERROR"), socket.create_connection((host, int(port)), timeout=10) as wire:
        head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n"
        head += f"Cookie: {cookie}\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n"
        for piece in (head, *pieces):
            wire.sendall(piece.encode())
            time.sleep(0.1)
        answer = wire.recv(20)
    assert answer.split()[1] == (b"404" if "none" in path else b"400")
    assert browser.get("/").status_code == 200
    assert not [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]


def test_haste_is_for_each_client_and_refills() -> None:
    haste = RateLimiter(3, 1_000.0)
    slow = RateLimiter(3, 0.0)
    assert [slow.takes("a") for _ in range(5)] == [True, True, True, False, False]
    assert slow.takes("b")
    assert all(haste.takes("a") or True for _ in range(4))


def test_static_files_are_only_ours(browser: Browser) -> None:
    assert browser.get("/static/workbench.css").status_code == 200
    for name in ("..%2f..%2fapp.py", "%2e%2e/app.py", "app.py", "key"):
        assert browser.http.get(f"/static/{name}").status_code == 404
