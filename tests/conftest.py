"""Settings for all tests, and the one run of the example study that many of them look at."""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

import kept_kernels
from offing.terms.background import collect_seldom, keep_memory

# As the Makefile has it: where bytecode is not kept, each process compiles all modules anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# As the program has it, before NumPy is loaded: threads of two processes wait for each other.
os.environ.update(
    dict.fromkeys(("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1")
)

# A busy machine is no fault of the code: how long an example takes decides nothing. Examples are
# new in every run of a developer; a change is judged on the same ones each time.
settings.register_profile("offing", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("offing")


def pytest_configure(config: pytest.Config) -> None:
    """What takes seconds to make is made once a run, whichever of its processes needs it first.

    Results are kept under the digest of all they rest on, the code among it, in a folder of this
    run; its processes inherit the name. Tests that are of the making ask for ``nothing_kept``.
    Nobody has loaded anything unless a test says so. Memory is treated as the program treats it.
    Compiled kernels are kept for the next clone: see ``kept_kernels``.
    """
    keep_memory()
    collect_seldom()
    if hasattr(config, "workerinput"):
        return
    if find_spec("numba"):
        kernels = kept_kernels.place()
        kept_kernels.take(kernels)
        config.add_cleanup(partial(kept_kernels.keep, kernels))
    folder = tempfile.TemporaryDirectory(prefix="offing-kept-")
    config.add_cleanup(folder.cleanup)
    os.environ["OFFING_CACHE"] = str(Path(folder.name) / "cache")
    os.environ["OFFING_WAREHOUSE"] = str(Path(folder.name) / "no-warehouse")
    if config.getoption("dist", None) == "loadfile":
        config.option.loadscopereorder = False  # but as they are collected: see below


@pytest.fixture
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test sees what the code makes, not what an earlier one made."""
    monkeypatch.setenv("OFFING_CACHE", "")


EXAMPLE = Path(__file__).resolve().parents[0] / "museum" / "studies" / "tv-maker"


@pytest.fixture
def shared_study(monkeypatch: pytest.MonkeyPatch) -> None:
    """Studies that were run before are not run again; see ``shared_study``."""
    from shared_study import shared

    for place in ("offing.study.run.run_study", "offing.study.scenario.run_study"):
        monkeypatch.setattr(place, shared())


@pytest.fixture(scope="module")
def planned_once() -> Iterator[None]:
    """Each study of the file is analysed and planned once; see ``shared_study``."""
    from shared_study import analysed_once, planned_once

    analysed, planned = analysed_once(), planned_once()
    with pytest.MonkeyPatch.context() as patched:
        for room in ("analysis", "run", "order"):
            patched.setattr(f"offing.study.{room}.analyse_products", analysed)
        for room in ("run", "order"):
            patched.setattr(f"offing.study.{room}.plan_study", planned)
        yield


@pytest.fixture(scope="session")
def finished() -> Path:
    """The results of the example, in English, on the starter world: only look at them.

    One process of the run makes them, the others wait.
    """
    place = Path(os.environ["OFFING_CACHE"]).parent / "finished"
    folder, done = place / "tv", place / "done"
    try:
        place.mkdir()
    except FileExistsError:
        until = time.monotonic() + 600
        while not done.exists() and time.monotonic() < until:
            time.sleep(0.05)
        assert (folder / "report.html").exists(), "the process that made them says why"
        return folder
    try:
        _run_example(folder)
    finally:
        done.touch()
    return folder


def _run_example(folder: Path) -> None:
    from offing.cli.app import run as offing
    from shared_study import shared

    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("OFFING_WAREHOUSE", str(folder.parent / "no-warehouse"))
        patched.setattr("offing.study.run.run_study", shared())
        assert offing(["run", str(EXAMPLE / "study.toml"), "--out", str(folder)]) == 0


SLOW = {
    "test_agents", "test_backtest", "test_blue_ocean", "test_browser", "test_evidence",
    "test_outlook", "test_scores", "test_whatif", "test_workwear",
}  # fmt: skip
"""Files whose tests take the most time: ``make test-lowest`` leaves them out."""

LONG = {
    "api/test_begin", "api/test_fairs", "api/test_money_questions",
    "api/test_province", "cases/test_check_cases", "cases/test_words", "cli/test_assistant",
    "cli/test_streams", "cli/test_threads", "contracts/test_house", "docs/test_commands_shown",
    "forecast/test_draws", "forecast/test_nowcast", "forecast/test_ranking",
"journeys/test_run",
    "journeys/test_tutorials", "journeys/test_usage",
    "journeys/test_world_and_firm", "ladders/test_book",
    "landed/test_us_effective_duty", "policy/equilibrium/test_liberation_day_tables",
    "release/test_release", "release/test_start", "release/test_wheel", "report/test_page",
    "settlement/test_settle_command", "sources/test_fuzz_sample",
    "study/test_currencies_without_rates", "study/test_left_out", "warehouse/test_kept",
    "warehouse/test_loading", "warehouse/test_reconciling", "warehouse/test_reconciling_load",
    "warehouse/test_reconciling_proof", "warehouse/test_starter", "web/test_any_text",
    "web/test_begin_page", "web/test_data_page", "web/test_edit_page", "web/test_guards",
    "web/test_in_chromium", "web/test_market_pages", "web/test_no_network",
    "web/test_plan_page", "web/test_tables_handed_in", "web/test_questions",
    "web/test_start_and_ledger", "web/test_users", "web/test_what_if_page",
}  # fmt: skip
"""Files that take five seconds of a processor and more: ``make quick`` and ``make test-lowest``
leave them out too."""


def placed(path: Path) -> str:
    """The name of a file of tests, by its place."""
    tests = Path(__file__).parent.as_posix() + "/"
    return path.as_posix().removeprefix(tests).removesuffix(".py")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Files that are left out as a whole are not even read."""
    if "not long" not in config.option.markexpr or collection_path.suffix != ".py":
        return None
    return placed(collection_path) in LONG or collection_path.stem in SLOW or None


PROOFS = {
    "api/test_begin.py::test_what_is_begun_runs_once_it_is_filled_in",
    "api/test_firms_attacked.py::test_no_combination_of_all_numbers_of_all_runs_rests_on_one_or_two_firms",
    "api/test_firms_attacked.py::test_who_of_a_batch_said_what_changes_nothing_shown",
    "cli/test_threads.py", "docs/test_parts.py::test_a_built_page_is_whole",
    "estimators/test_instruments.py::test_the_set_holds_the_slope_with_two_instruments",
    "estimators/test_pooled_logistic.py::test_intervals_hold_the_planted_slope",
    "estimators/test_shrinkage.py::test_means_are_nearer_and_intervals_hold_them",
    "forecast/test_draws.py::test_sums_of_real_exporters_hold_through_a_boom",
    "forecast/test_nowcast.py::TestPseudoVintages::test_real_months_of_coffee_with_many_small_markets",
    "journeys/test_whatif.py::test_every_shock_of_the_library_runs",
    "journeys/test_tutorials.py::test_it_runs",
    "landed/test_us_effective_duty.py::test_most_of_the_value_pays_what_our_rules_say",
    "landed/test_us_lists.py::test_no_line_of_the_review_is_refused_on_an_earlier_day",
    "planning/test_planted.py::test_a_planted_ledger_yields_a_move_of_price",
    "planning/test_planted.py::test_promises_are_kept",
    "planning/test_planted.py::test_the_plan_finds_what_is_there",
    "planning/test_planted.py::test_the_plan_stays_where_nothing_is_to_be_gained",
    "planning/test_planted_firms.py",
    "planning/test_price_test.py::test_the_error_is_that_of_the_design_on_paper",
    "planning/test_state_firms.py", "policy/test_evidence.py::test_no_effect_is_rarely_called_one",
    "policy/test_programme.py::test_intervals_hold_and_the_smallest_effect_is_found",
    "policy/test_refund_evidence.py::test_what_is_not_there_is_rarely_found",
    "settlement/test_limits.py::test_limits_hold_since_2015", "sources/test_fuzz_sample.py",
    "sources/test_sheet_look.py::test_hostile_workbooks_end_in_rows_or_words",
    "sources/test_usual_prices.py::test_rows_held_back_from_the_derivation",
    "sources/test_usual_prices.py::test_the_shipped_table_is_what_the_tool_makes",
    "study/test_known_decisions.py", "study/test_museum.py::test_a_plan_over_all_markets_is_found",
    "test_patterns.py::test_no_pattern_takes_long",
    "warehouse/test_checksums.py::test_every_bit_of_a_catalogue_counts",
    "warehouse/test_editions.py::test_a_year_taken_to_another_edition_and_back_keeps_its_value_to_a_cent",
    "warehouse/test_editions.py::test_real_trade_of_two_editions_is_kept_to_a_cent",
    "warehouse/test_loading.py::test_a_kill_at_any_moment_leaves_the_old_or_the_new_state",
    "warehouse/test_reconciling_proof.py",
    "warehouse/test_starter.py::test_it_is_what_its_script_builds",
    "warehouse/test_years_apart.py::test_a_load_that_was_killed_goes_on_and_ends_as_an_unbroken_one",
    "web/test_any_text.py", "web/test_guards.py::TestUploads::test_a_bomb_that_lies_about_its_size",
    "web/test_hostile_workbooks.py",
    "web/test_start_and_ledger.py::test_a_killed_server_loses_no_study",
}  # fmt: skip
"""Tests, or files of them, that are ``proof``: many worlds drawn, whole tables, hostile files."""
TWICE = ("cli", "journeys", "report", "web")
"""Rooms whose tests tell again in the other language as a proof."""


def _is_proof(nodeid: str) -> bool:
    place = nodeid.partition("tests/")[2]
    test = place.partition("[")[0]
    again = place.startswith(TWICE) and "zh" in place.partition("[")[2].rstrip("]").split("-")
    return again or test in PROOFS or place.partition("::")[0] in PROOFS


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the slow and long files; where processes share the work, what takes long goes first."""
    named = {path: placed(path) for path in {item.path for item in items}}
    for item in items:
        if item.path.stem in SLOW:
            item.add_marker("slow")
        if named[item.path] in LONG:
            item.add_marker("long")
        if _is_proof(item.nodeid):
            item.add_marker("proof")
    for item in between(items):
        item.add_marker("between")
    if hasattr(config, "workerinput"):
        turn = {name: place for place, name in enumerate((*TOGETHER, *FIRST))}
        items.sort(key=lambda item: turn.get(unit(item.nodeid), len(turn)))


def between(items: list[pytest.Item]) -> list[pytest.Item]:
    """Rows of a test that are neither its first nor its last.

    Its first and last ask the packages the same. Not so the rows of ``contracts``, each a source,
    a reader, a question or a command.
    """
    rows: dict[str, list[pytest.Item]] = {}
    for item in items:
        test, bracket, _ = item.nodeid.partition("[")
        if bracket and not test.startswith("tests/contracts/"):
            rows.setdefault(test, []).append(item)
    return [item for row in rows.values() for item in row[1:-1]]


TOGETHER = {
    "compiled": ("gravity", "equilibrium", "test_scores.py", "test_docs.py"),
    "release": ("release",),
    "planned": ("test_plan_stage.py", "test_remade.py", "test_risk.py", "test_treasury.py"),
    "three markets": (
        "test_whatif.py", "test_world_and_firm.py",
    ),
}  # fmt: skip
"""Files, by a word of their path, that run in one process: what one of them compiles, builds or
plans serves the next. Every other file is for itself."""

FIRST = (
    "tests/journeys/test_tutorials.py",
    "tests/cli/test_assistant.py", "tests/cli/test_threads.py",
    "tests/web/test_in_chromium.py", "tests/web/test_no_network.py", "tests/docs/test_site.py",
    "tests/forecast/test_backtest.py", "tests/forecast/test_ranking.py",
    "tests/journeys/test_run.py",
    "tests/cases/test_check_cases.py", "tests/web/test_questions.py",
    "tests/api/test_begin.py", "tests/web/test_begin_page.py", "tests/policy/test_evidence.py",
    "tests/forecast/test_nowcast.py", "tests/planning/test_planted.py",
    "tests/report/test_browser.py", "tests/journeys/test_gravity.py", "tests/cli/test_streams.py",
    "tests/web/test_edit_page.py",
)  # fmt: skip
"""Files that take longest (8 s of a processor and more), after those of ``TOGETHER``: no process
is left with one of them when the others are done."""


def unit(nodeid: str) -> str:
    """What goes to one process: a file, or a name of ``TOGETHER``."""
    file = nodeid.partition("::")[0]
    words = {word for part in file.split("/") for word in (part, part[5:-3])}
    return next((name for name, of in TOGETHER.items() if words.intersection(of)), file)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """``--dist loadfile``, with the files of ``TOGETHER`` as one."""
    from xdist.scheduler import LoadFileScheduling

    class Together(LoadFileScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            return unit(nodeid)

    return Together(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.fixture(scope="session")
def _memories(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A file for each test in turn; to name one, ``tmp_path`` looks through all before it."""
    folder = tmp_path_factory.mktemp("memories")
    return (folder / f"rate-library-{number}.json" for number in count())


@pytest.fixture(autouse=True)
def _nothing_is_remembered(monkeypatch: pytest.MonkeyPatch, _memories: Iterator[Path]) -> None:
    """A rate library that one test uses is not remembered in the next."""
    monkeypatch.setattr("offing.sources.rate_library.MEMORY", next(_memories))
