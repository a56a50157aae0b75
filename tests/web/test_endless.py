"""A cookie of other signs and names without end are answered in words, and the server lives."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from offing.web.sessions import COOKIE
from web_server import Browser, Served, serving


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("endless")


@pytest.fixture(scope="module")
def server(home: Path) -> Iterator[Served]:
    with serving(home) as served:
        yield served


@pytest.fixture
def browser(server: Served) -> Browser:
    return server.browser()


@pytest.mark.parametrize("sign", [b"\xff", b"\x80", "甲".encode()])
def test_a_cookie_of_other_signs_is_none(browser: Browser, sign: bytes) -> None:
    cookie = COOKIE.encode() + b"=owner.1.2." + sign
    assert browser.http.get("/", headers=[(b"cookie", cookie)]).status_code == 200


@pytest.mark.parametrize("name", ["a" * 5000, "a" * 300, "a\\u0000b"])
def test_a_ledger_of_an_endless_name_is_said(browser: Browser, home: Path, name: str) -> None:
    study = browser.example()
    (file,) = (file for file in home.rglob("study.toml") if file.parent.name == study)
    text = file.read_text("utf-8")
    file.write_text(text.replace("ledger.csv", f"{name}.csv"), "utf-8")
    for page in ("/ledger", "/plan", "/"):
        shown = browser.get(page, study=study)
        assert shown.status_code < 500, page
        assert "Traceback" not in shown.text


@pytest.mark.parametrize("amount", ["9" * 60_000, "(" * 8000, "a" * 20_000])
def test_an_endless_amount_is_refused_at_once(browser: Browser, amount: str) -> None:
    shown = browser.get("/settle", amount=amount, currency="USD", market="BRA")
    assert shown.status_code < 500
    assert shown.elapsed.total_seconds() < 5
