"""A plugin of pytest for mutants: records which test reaches which line, or runs the tests named.

``OFFING_REACH``: the file that gets what was recorded. ``OFFING_ONLY``: a file with the names of
the tests to run, in their order. ``OFFING_SOURCE``: the folder that ``offing`` is imported from.
"""

import json
import os
import resource
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import coverage

MEMORY = 12 * 2**30
"""What a mutant may ask of memory: one that asks for more dies alone, not with the machine."""

recorded: coverage.Coverage | None = None
seconds: dict[str, float] = defaultdict(float)
running = [""]
broken: set[str] = set()

if "OFFING_REACH" in os.environ:  # before anything of offing is imported
    recorded = coverage.Coverage(
        data_file=None, config_file=False, include=[os.environ["OFFING_SOURCE"] + "/offing/*"]
    )
    recorded.start()


def pytest_configure() -> None:
    """Nothing asks for more memory than there is."""
    if recorded is None:
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))


def chosen(there: list[str], names: list[str]) -> list[str]:
    """The tests to run of those that are there, in the order of the names.

    Where one that is named is gone, all that differ from it by their parameters alone are run: the
    figures in its name are of the code, and are others in a mutant.
    """
    turn = {name: number for number, name in enumerate(names)}
    for gone in turn.keys() - set(there):
        plain = gone.partition("[")[0]
        turn |= {name: turn[gone] for name in there if name.partition("[")[0] == plain}
    return sorted((name for name in there if name in turn), key=lambda name: turn[name])


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the tests that were named, in the order in which they were."""
    if "OFFING_ONLY" not in os.environ:
        return
    names = json.loads(Path(os.environ["OFFING_ONLY"]).read_text(encoding="utf-8"))
    by_name = {item.nodeid: item for item in items}
    named = chosen(list(by_name), names)
    config.hook.pytest_deselected(items=[by_name[n] for n in by_name.keys() - set(named)])
    items[:] = [by_name[name] for name in named]


def _reached_by(context: str) -> None:
    if recorded:
        recorded.switch_context(context)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """What runs from here on is reached by this test."""
    running[0], before = item.nodeid, _worked()
    _reached_by(item.nodeid)
    try:
        return (yield)
    finally:
        running[0] = ""
        _reached_by("")
        seconds[item.nodeid] = min(seconds[item.nodeid], _worked() - before)


def _worked() -> float:
    """Seconds that this process and those it has waited for have had of a processor."""
    return sum(os.times()[:4])


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_fixture_setup(fixturedef: Any) -> Iterator[None]:
    """What several tests share is reached by their file, not by the first of them."""
    _reached_by(running[0] if fixturedef.scope == "function" else "")
    try:
        return (yield)
    finally:
        _reached_by(running[0])


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """How long each takes, however busy the machine is, and which fail without any mutant."""
    seconds[report.nodeid] += report.duration
    if report.outcome != "passed":
        broken.add(report.nodeid)


def pytest_sessionfinish() -> None:
    """Write ``{"seconds": {test: s}, "broken": [test], "lines": {file: {line: [test]}}}``."""
    if recorded is None:
        return
    recorded.stop()
    data, source = recorded.get_data(), Path(os.environ["OFFING_SOURCE"])
    lines = {
        str(Path(file).relative_to(source)): data.contexts_by_lineno(file)
        for file in data.measured_files()
    }
    result = {"seconds": seconds, "broken": sorted(broken), "lines": lines}
    Path(os.environ["OFFING_REACH"]).write_text(json.dumps(result), encoding="utf-8")
