"""Two tabs of one browser: neither reads a file that the other is just replacing."""

import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from offing.web.papers import HandedIn
from web_server import Browser, serving

MONTHS = Path(__file__).resolve().parents[2] / "docs" / "tutorials" / "data" / "finance-months.csv"


@pytest.mark.parametrize("calls", [1])
def test_a_table_is_not_replaced_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calls: int
) -> None:
    reading, path, seen = threading.Event(), HandedIn.path, Counter[str]()

    def slowly(papers: HandedIn, kind: str) -> Path | None:
        found = path(papers, kind)
        seen[kind] += 1
        if seen["months"] == calls:
            reading.set()
            time.sleep(0.5)  # the other tab has sent its table by now
        return found

    with serving(tmp_path) as served:
        first, second = served.browser(), served.browser()
        drop(first, "march.csv")
        monkeypatch.setattr(HandedIn, "path", slowly)
        statuses: list[int] = []
        reader = threading.Thread(target=lambda: statuses.append(first.get("/refund").status_code))
        reader.start()
        assert reading.wait(10)
        drop(second, "april.csv")
        reader.join()
        assert statuses == [200]
        assert "april.csv" in second.get("/refund").text


def drop(browser: Browser, name: str) -> None:
    shown = browser.http.post(
        "/refund/drop",
        data={"csrf": browser.mark},
        files={"months": (name, MONTHS.read_bytes())},
        follow_redirects=False,
    )
    assert shown.status_code == 303


def test_files_that_are_sent_at_once_are_all_taken_in(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        tabs = [served.browser() for _ in range(4)]
        for tab in tabs:
            assert tab.mark
        for number in range(3):
            threads = [
                threading.Thread(target=drop, args=(tab, f"m{number}-{n}.csv"))
                for n, tab in enumerate(tabs)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert tabs[0].get("/refund").status_code == 200
        kept = [f for f in (tmp_path / "users").rglob("*.csv") if f.is_file()]
        assert len(kept) == 1
