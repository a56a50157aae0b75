"""Long work: its progress, its end, its stop; and changes that take turns."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from offing.web.guard import RefusedError
from offing.web.jobs import Job, Jobs
from offing.web.papers import HandedIn
from web import long_work
from web_server import Browser, serving


def ended(jobs: Jobs, job: Job, seconds: float = 60) -> Job:
    until = time.monotonic() + seconds
    while (now := jobs.get(job.id)) is not None and now.state == "running":
        assert time.monotonic() < until, "it does not end"
        jobs.wait(now, 1)
    assert now is not None
    return now


def until(test: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not test():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_result_comes_back_and_the_bar_does_not_run_back() -> None:
    jobs = Jobs(2)
    job = ended(jobs, jobs.begin("anna", "tv", "run", long_work.quick, 7))
    assert (job.state, job.share, job.result) == ("done", 1.0, 7)
    assert job.message == "less"
    assert jobs.of("anna", "tv", "run") == job, "who opens the page again finds it"
    assert jobs.of("bo", "tv", "run") is None


def test_it_can_be_stopped_and_is_not_begun_twice() -> None:
    jobs = Jobs(1)
    job = jobs.begin("anna", "tv", "run", long_work.endless)
    assert jobs.begin("anna", "tv", "run", long_work.endless).id == job.id
    with pytest.raises(RefusedError) as caught:
        jobs.begin("anna", "other", "run", long_work.endless)
    assert caught.value.key == "web.too_many_jobs"
    process = jobs._processes[job.id]
    until(lambda: (now := jobs.get(job.id)) is not None and now.message == "waiting")
    jobs.stop(job)
    assert ended(jobs, job).state == "stopped"
    until(lambda: not process.is_alive())
    other = jobs.begin("anna", "other", "run", long_work.quick, 1)
    assert ended(jobs, other).state == "done"


def test_all_are_stopped_when_the_server_ends() -> None:
    jobs = Jobs(2)
    job = jobs.begin("anna", "tv", "run", long_work.endless)
    process = jobs._processes[job.id]
    jobs.stop_all()
    until(lambda: not process.is_alive())


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
