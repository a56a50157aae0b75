"""A cookie of other signs and names without end are answered in words, and the server lives."""

from collections.abc import Iterator
from pathlib import Path

import pytest

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


@pytest.mark.parametrize("amount", ["9" * 60_000, "(" * 8000])
def test_an_endless_amount_is_refused_at_once(browser: Browser, amount: str) -> None:
    shown = browser.get("/settle", amount=amount, currency="USD", market="BRA")
    assert shown.status_code < 500
    assert shown.elapsed.total_seconds() < 5
