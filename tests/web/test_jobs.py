"""Long work: its progress, its end, its stop; whoever comes back finds it."""

import time
from collections.abc import Callable

import pytest

from offing.web.guard import RefusedError
from offing.web.jobs import Job, Jobs
from web import long_work


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
