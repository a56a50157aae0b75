"""How far a page's work is, and a way to end it: the same for every page that has jobs."""

from collections.abc import Callable, Hashable

from offing.web.jobs import Job
from offing.web.page import Data, Goto, Show
from offing.web.visit import Visit

Find = Callable[[Visit], Job | None]
"""The page's job for a visit, if it was begun; of several, the one that runs."""


def at_rest(*jobs: Job | None) -> Hashable | None:
    """What a page rests on that shows what jobs found; ``None`` while one of them runs."""
    there = [job for job in jobs if job is not None]
    if any(job.state == "running" for job in there):
        return None
    return tuple((job.id, job.state, job.result is not None) for job in there)


def progress_of(find: Find) -> Show:
    """Answers how far the job is, while it runs."""

    def progress(visit: Visit) -> Data:
        job = find(visit)
        if job is None or job.state != "running":
            return Data({"state": "none"})
        return Data({"state": job.state, "share": job.share, "message": job.message})

    return progress


def stop_of(page: str, find: Find) -> Show:
    """Ends the job if it runs, and shows the page again; what was there before it stays."""

    def stop(visit: Visit) -> Goto:
        job = find(visit)
        if job is not None and job.state == "running":
            visit.workbench.jobs.stop(job)
        return Goto(page)

    return stop
