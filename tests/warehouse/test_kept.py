"""Kept results: never stale, never in the way."""

import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from market_world import distances, flows
from offing.forecast.outlook.forecast import outlooks
from offing.forecast.ranking import ForecastTask, backtest_product
from offing.forecast.results import Backtest
from offing.market.history import Array, History
from offing.warehouse import Warehouse, kept, load
from offing.warehouse.kept import FILES, content_digest, keep_result

FLOWS = flows(favourite=0.4)
TASK = ForecastTask("850760", "made-up", 2023, 1)


@dataclass(frozen=True)
class Line:
    name: str
    at: float | None = None


@dataclass(frozen=True)
class Result:
    values: Array
    lines: tuple[Line, ...]
    count: int


MADE = Result(np.array([[0.1, np.inf], [1e-300, -0.0]]), (Line("a", 0.1 + 0.2), Line("b")), 3)


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("OFFING_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "results"


def asked(made: Result = MADE, *rests_on: object) -> tuple[Result, bool]:
    """The result, and whether it had to be made."""
    calls = []

    def make() -> Result:
        calls.append(1)
        return made

    return keep_result(rests_on, make), bool(calls)


def same(one: Result, other: Result) -> bool:
    return one.values.tobytes() == other.values.tobytes() and one.lines == other.lines


def test_comes_back_to_the_last_bit() -> None:
    assert asked()[1]
    found, anew = asked()
    assert not anew
    assert same(found, MADE)
    assert found.values.dtype == np.float64
    assert isinstance(found.lines[0], Line)


def test_equal_values_have_one_digest_whether_they_share_parts_or_not() -> None:
    text, other = "".join(["a", "b"]), "".join(["a", "b"])
    assert content_digest((text, text)) == content_digest((text, other))
    assert content_digest((text, text)) != content_digest((text, "a"))


def damages() -> dict[str, Callable[[bytes], bytes]]:
    def summed(body: bytes) -> bytes:
        import hashlib

        return hashlib.sha256(body).hexdigest().encode() + b"\n" + body

    return {
        "a flipped bit": lambda was: was[:90] + bytes([was[90] ^ 1]) + was[91:],
        "cut off": lambda was: was[: len(was) // 2],
        "empty": lambda was: b"",
        "zeros": lambda was: bytes(len(was)),
        "no pickle, rightly summed": lambda was: summed(b"{"),
        "a function, rightly summed": lambda was: summed(pickle.dumps(os.system, protocol=5)),
        "a call, rightly summed": lambda was: summed(b"cos\nsystem\n(S'exit 3'\ntR."),
    }


@pytest.mark.parametrize("how", damages())
def test_damage_is_made_anew_and_mended(how: str, folder: Path) -> None:
    asked()
    (file,) = folder.iterdir()
    whole = file.read_bytes()
    file.write_bytes(damages()[how](whole))
    found, anew = asked()
    assert anew
    assert same(found, MADE)
    assert file.read_bytes() == whole


def test_a_folder_that_cannot_be_written_keeps_nothing(folder: Path) -> None:
    folder.parent.parent.mkdir(exist_ok=True)
    folder.parent.write_text("a file stands where the folder should be")
    assert asked()[1]
    assert asked()[1]


def test_the_oldest_go(folder: Path) -> None:
    for number in range(FILES + 5):
        asked(MADE, number)
    assert len(list(folder.iterdir())) == FILES
    assert not asked(MADE, FILES + 4)[1]


TOGETHER = """
import sys
from pathlib import Path
from MODULE import MADE, same
from offing.warehouse.kept import keep_result
for number in range(int(sys.argv[1])):
    assert same(keep_result((number,), lambda: MADE), MADE)
"""


def test_processes_do_not_disturb_each_other(folder: Path) -> None:
    here = Path(__file__).parent
    paths = f"import sys; sys.path[:0] = [{str(here)!r}, {str(here.parent)!r}]"
    code = paths + TOGETHER.replace("MODULE", __name__)
    processes = [subprocess.Popen([sys.executable, "-c", code, "60"]) for _ in range(3)]
    assert [one.wait() for one in processes] == [0, 0, 0]
    assert len(list(folder.iterdir())) == 60
    assert not any(asked(MADE, number)[1] for number in range(60))


def digest(table: pl.DataFrame) -> str | None:
    return History.of(table, distances=distances()).digest


def test_any_change_of_the_data_is_another_digest() -> None:
    first = FLOWS.with_row_index("at").with_columns(first=pl.col("at") == 0)
    changes = [
        first.with_columns(value_usd=pl.col("value_usd") + pl.col("first") * 1e-6),
        first.with_columns(year=pl.col("year") + pl.col("first").cast(pl.Int32)),
        first.with_columns(importer=pl.when("first").then(pl.lit("ZZZ")).otherwise("importer")),
        first.filter(~pl.col("first")),
        first.with_columns(observed=pl.lit("both")),
    ]
    seen = {digest(FLOWS), History.of(FLOWS).digest}
    assert digest(FLOWS) in seen
    for change in changes:
        seen.add(digest(change.drop("at", "first")))
    assert len(seen) == 2 + len(changes)
    assert None not in seen


def test_a_digest_knows_only_years_up_to_its_last() -> None:
    history = History.of(FLOWS)
    last = history.years[-1]
    later = History.of(FLOWS.with_columns(value_usd=pl.col("value_usd") * (pl.col("year") == last)))
    assert history.until(last - 1).digest != history.digest
    assert history.digest != later.digest


def record(table: pl.DataFrame) -> tuple[Backtest, list[Array]]:
    """A product's record, and what is expected of it."""
    history = History.of(table, distances=distances())
    said = outlooks(history, history.years[-1], 1)
    task = replace(TASK, product=next(iter(history.rows)), year=history.years[-1])
    backtest = backtest_product(Warehouse.open(), task, history=history)
    return backtest, [forecast.sales.logs for _, forecast in said.forecasts()]


def test_a_record_is_the_same_kept_and_made_and_follows_the_data(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    first, again = record(FLOWS), record(FLOWS)
    assert len(list(folder.iterdir())) > 1
    monkeypatch.setenv("OFFING_CACHE", "")
    anew = record(FLOWS)
    monkeypatch.setenv("OFFING_CACHE", str(folder.parent))
    for other in (again, anew):
        assert other[0] == first[0]
        assert all(map(np.array_equal, other[1], first[1]))
    changed = record(FLOWS.with_columns(value_usd=pl.col("value_usd") * (pl.col("year") - 2000)))
    assert changed[0] != first[0]


def test_answers_are_kept_up_to_their_bytes_the_oldest_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "KEPT_BYTES", 1000)
    cache, eight = kept.AnswerCache(), pl.DataFrame({"a": [1.0] * 30})  # 240 bytes
    for at in range(6):
        assert cache.keep((str(at), ""), eight) is eight
    assert [key for key, _ in cache.rows] == ["2", "3", "4", "5"]
    assert cache.kept_bytes == 960
    cache.keep(("5", ""), eight)
    cache.keep(("large", ""), pl.DataFrame({"a": [1.0] * 32}))
    assert cache.kept_bytes == 960, "once a question, and nothing over a quarter"


def test_another_warehouse_in_the_same_place_is_not_the_one_before(tmp_path: Path) -> None:
    """Parts get the same names where a folder is removed and loaded again."""
    house, file = tmp_path / "house", tmp_path / "BACI_HS17_Y2020_V202301.csv"
    asked = []
    for value in (1, 2):
        file.write_text(f"t,i,j,k,v,q\n2020,156,276,852872,{value},1\n")
        load("baci", [file], house)
        asked += [Warehouse.open(house).flows("852872")["value_usd"].item() for _ in range(2)]
        shutil.rmtree(house)
    assert asked == [1000, 1000, 2000, 2000]
