"""``offing gravity --panel``, on published panels and on careless tables."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import offing as api
from cautions import keyed
from offing.api.gravity_panel import KEYS
from offing.cli.app import run as offing
from shared_data import shared

pytestmark = pytest.mark.slow

pytest.importorskip("numba", reason="the extra 'gravity' is not installed")

Change = Callable[[pl.DataFrame], pl.DataFrame]


def panel() -> pl.DataFrame:
    """Seven countries in four years: an agreement that comes into force, and zeros."""
    rng = np.random.default_rng(3)
    names = [f"C{i}" for i in range(7)]
    rows = pl.DataFrame(
        [(i, j, y) for i in names for j in names if i != j for y in range(2001, 2005)],
        schema=["exporter", "importer", "year"],
        orient="row",
    )
    since = rng.integers(2000, 2008, rows.height // 4).repeat(4)
    return rows.with_columns(
        trade=pl.Series(
            rng.gamma(0.7, 10.0, rows.height).round(3) * (rng.random(rows.height) > 0.2)
        ),
        rta=(pl.col("year") >= pl.Series(since)).cast(pl.Float64),
        tariff=pl.Series(rng.normal(size=rows.height).round(4)),
    )


def written(folder: Path, table: pl.DataFrame) -> str:
    file = folder / "panel.csv"
    table.write_csv(file)
    return str(file)


def made(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert offing(["gravity", "--panel", *arguments, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)["gravity_panel"]
    return found


def test_published_eu_enlargement(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Baier, Yotov and Zylkin (2019), the example of Stata's ge_gravity."""
    data = pl.read_csv(shared("gravity_panels", "ge_gravity_wiod_fta.csv"))
    file = written(tmp_path, data.filter(pl.col("exporter") != pl.col("importer")))
    found = made(capsys, file, "--covariates", "eu_enlargement,other_fta")
    first = found["coefficients"][0]
    assert first["estimate"] == pytest.approx(0.224249, abs=5e-7)
    assert (found["first_year"], found["last_year"]) == (2000, 2014)


def test_published_trade_agreements(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Yotov et al. (2016), Table 2, from Parquet, with every fourth year."""
    data = pl.read_parquet(shared("gravity_panels", "agtpa_applications.parquet"))
    file = tmp_path / "agtpa.parquet"
    data.filter(pl.col("year").cast(pl.Int32) % 4 == 2).write_parquet(file)
    found = made(capsys, str(file), "--covariates", "rta", "--pair-effects", "symmetric")
    assert found["rows"] == 28482
    assert found["coefficients"][0]["estimate"] == pytest.approx(0.5572, abs=5e-5)


def test_says_what_was_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = panel().with_columns(
        pl.when(pl.int_range(pl.len()) == 5).then(None).otherwise(pl.col("tariff")).alias("tariff"),
        pl.when((pl.col("exporter") == "C0") & (pl.col("importer") == "C1"))
        .then(0.0)
        .otherwise(pl.col("trade"))
        .alias("trade"),
        size=pl.col("exporter").str.slice(1).cast(pl.Int64) * pl.col("year"),
    )
    file, out = written(tmp_path, table), tmp_path / "out.csv"
    names = ["--covariates", "rta,tariff,size"]
    found = made(capsys, file, *names, "--out", str(out))
    assert found["collinear"] == ["size"]
    left = found["left_out"]
    assert isinstance(left, dict)
    assert left["missing"] == 1
    assert left["empty"] >= 3
    assert found["rows"] == table.height - sum(left.values())
    assert pl.read_csv(out)["se_pair"].null_count() == 1
    for lang, words in (("en", "never trades"), ("zh", "从无贸易")):
        assert offing(["gravity", "--panel", file, *names, "--lang", lang]) == 0
        shown = capsys.readouterr().out
        assert words in shown.replace("\n", " ")
        assert "size" in shown


def test_the_unit_of_trade_does_not_matter(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ["--covariates", "rta,tariff"]
    one = made(capsys, written(tmp_path, panel()), *names)
    other = made(capsys, written(tmp_path, panel().with_columns(pl.col("trade") * 1e6)), *names)
    for key in ("estimate", "se_pair", "se_hc", "p"):
        assert [row[key] for row in one["coefficients"]] == pytest.approx(
            [row[key] for row in other["coefficients"]], rel=1e-6
        )
    assert one["pseudo_r2"] == pytest.approx(other["pseudo_r2"])


def at_home(table: pl.DataFrame, countries: int) -> pl.DataFrame:
    """With trade within the first so many countries."""
    own = table.filter(pl.col("importer") == "C6").with_columns(importer=pl.col("exporter"))
    return pl.concat([table, own.filter(pl.col("exporter") < f"C{countries}")])


def test_without_trade_within_countries(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = ["--covariates", "rta,tariff"]
    foreign = made(capsys, written(tmp_path, panel()), *names)
    assert foreign["domestic"] == {"rows": 0, "kept": True, "countries_without": 7}
    file = written(tmp_path, at_home(panel(), 6))
    kept, dropped = (made(capsys, file, *names, "--domestic", how) for how in ("keep", "drop"))
    assert kept["domestic"] == {"rows": 24, "kept": True, "countries_without": 1}
    assert kept["coefficients"] != foreign["coefficients"]
    assert dropped["domestic"] == {"rows": 24, "kept": False, "countries_without": 1}
    assert {**dropped, "domestic": 0} == {**foreign, "domestic": 0}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], ("border-by-year", "One country has no row")),
        (["--domestic", "drop"], ("MFN tariff",)),
        (["--lang", "zh"], ("跨境 × 年份", "1 个国家没有国内贸易")),
        (["--lang", "zh", "--domestic", "Drop"], ("最惠国税率",)),
    ],
)
def test_says_what_trade_within_countries_changes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], said: tuple[str, ...]
) -> None:
    file = written(tmp_path, at_home(panel(), 6))
    assert offing(["gravity", "--panel", file, "--covariates", "rta", *options]) == 0
    shown = capsys.readouterr().out
    assert all(part.replace(" ", "") in "".join(shown.split()) for part in said)


def test_nothing_but_trade_within_countries(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = at_home(panel(), 6).filter(pl.col("exporter") == pl.col("importer"))
    file = written(tmp_path, own)
    for how, said in (("drop", "nothing but trade"), ("perhaps", "keep, drop")):
        command = ["gravity", "--panel", file, "--covariates", "rta", "--domestic", how]
        assert offing(command) == 2
        assert said in " ".join(capsys.readouterr().err.split())
    assert offing(["gravity", "8528", "--domestic", "drop"]) == 2
    assert "--panel FILE" in capsys.readouterr().err


def cell(column: str, value: object) -> Change:
    """The fourth row's value replaced: line 5 of the file."""
    return lambda table: table.with_columns(
        pl.when(pl.int_range(pl.len()) == 3)
        .then(pl.lit(str(value) if value is not None else None))
        .otherwise(pl.col(column).cast(pl.String))
        .alias(column)
    )


@pytest.mark.parametrize(
    ("change", "arguments", "part"),
    [
        (None, [], "rta, tariff"),
        (None, ["--covariates", "rtaa"], "rtaa"),
        (None, ["--covariates", "rta,year"], "year"),
        (None, ["--covariates", "rta", "--value", "exports"], "exports"),
        (None, ["--covariates", "rta", "--pair-effects", "both"], "symmetric"),
        (None, ["--covariates", "rta", "--out", "x.xls"], ".parquet"),
        (None, ["--covariates", "rta", "--year", "2003"], "--year"),
        (cell("trade", -1), ["--covariates", "rta"], "-1"),
        (cell("trade", "inf"), ["--covariates", "rta"], "inf"),
        (cell("trade", None), ["--covariates", "rta"], "trade"),
        (cell("trade", "1,234.5"), ["--covariates", "rta"], "1,234.5"),
        (cell("tariff", "low"), ["--covariates", "tariff"], "low"),
        (cell("tariff", "-inf"), ["--covariates", "tariff"], "tariff"),
        (cell("year", "2003.5"), ["--covariates", "rta"], "2003.5"),
        (cell("year", "3"), ["--covariates", "rta"], "3 is no year"),
        (cell("year", "2002"), ["--covariates", "rta"], "C0 C1"),
        (cell("exporter", None), ["--covariates", "rta"], "exporter"),
        (lambda t: t.filter(pl.col("year") == 2004), ["--covariates", "rta"], "2004"),
        (lambda t: t.with_columns(trade=pl.lit(0.0)), ["--covariates", "rta"], "zero"),
        (lambda t: t.with_columns(rta=pl.lit(1.0)), ["--covariates", "rta"], "rta"),
        (lambda t: t.drop("importer"), ["--covariates", "rta"], "importer"),
        (lambda t: t.clear(), ["--covariates", "rta"], "panel"),
    ],
)
def test_careless_tables_are_explained(
    change: Change | None,
    arguments: list[str],
    part: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = written(tmp_path, panel() if change is None else change(panel()))
    assert offing(["gravity", "--panel", file, *arguments]) == 2
    shown = capsys.readouterr()
    assert part in shown.err.replace("\n", "")
    assert "Traceback" not in shown.err
    assert shown.out == ""


def test_the_line_of_a_bad_value_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path, cell("tariff", "low")(panel()))
    assert offing(["gravity", "--panel", file, "--covariates", "tariff", "--json"]) == 2
    said = json.loads(capsys.readouterr().err)
    assert "5" in json.dumps(said)


def test_other_careless_uses(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert offing(["gravity", "--panel", str(tmp_path / "none.csv"), "--covariates", "rta"]) == 2
    assert "none.csv" in capsys.readouterr().err.replace("\n", "")
    assert offing(["gravity", "8528", "--pair-effects", "none"]) == 2
    assert "--panel" in capsys.readouterr().err
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"not parquet")
    assert offing(["gravity", "--panel", str(broken), "--covariates", "rta"]) == 2
    assert "Parquet" in capsys.readouterr().err


def cautions(table: pl.DataFrame, covariates: str = "rta", **given: Any) -> list[str]:
    answer = api.gravity(panel=table, covariates=covariates, **given)
    return [key.removeprefix("gravity.") for key, _ in keyed(answer.cautions)]


def wide() -> pl.DataFrame:
    """Seven countries whose trade goes from 1 to some millions, with distances."""
    sizes = {f"C{i}": 8.0**i for i in range(7)}
    of = [pl.col(side).replace_strict(sizes, return_dtype=pl.Float64) for side in KEYS[:2]]
    back = panel().select("year", exporter="importer", importer="exporter", back="rta")
    both = panel().join(back, on=KEYS, maintain_order="left")
    return both.with_columns(
        trade=(pl.col("trade") * of[0] * of[1] / 1000).round(3),
        log_distance=(of[0] + of[1]).log().round(4),
        rta=pl.max_horizontal("rta", "back"),
    ).drop("back")


def test_periods_may_be_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    counted = panel().with_columns(pl.col("year") - 2000)
    found = made(capsys, written(tmp_path, counted), "--covariates", "rta")
    same = made(capsys, written(tmp_path, panel()), "--covariates", "rta")
    assert found["coefficients"] == same["coefficients"]


def test_a_right_table_has_no_caution_but_of_few_pairs() -> None:
    assert cautions(wide(), "log_distance,rta", pair_effects="none") == []


@pytest.mark.parametrize(
    ("key", "change", "covariates"),
    [
        ("panel_level", lambda t: t.with_columns(pl.col("log_distance") * 500), "log_distance"),
        ("panel_flat", lambda t: t.with_columns(
            pl.when(pl.col("trade") > 0).then((pl.col("trade") + 9).log() + 8).otherwise(0.0)
            .alias("trade")), "rta"),
        ("panel_jump", lambda t: t.with_columns(
            pl.when(pl.col("year") == pl.col("year").max()).then(pl.col("trade") / 1000)
            .otherwise(pl.col("trade")).alias("trade")), "rta"),
    ],
)  # fmt: skip
def test_what_a_reader_would_ask_of_a_panel(key: str, change: Change, covariates: str) -> None:
    given = {"pair_effects": "none"} if covariates == "log_distance" else {}
    assert key in cautions(change(wide()), covariates, **given)
    assert key not in cautions(wide(), covariates, **given)


def test_published_panels_raise_none() -> None:
    wiod = pl.read_csv(shared("gravity_panels", "ge_gravity_wiod_fta.csv"))
    foreign = wiod.filter(pl.col("exporter") != pl.col("importer"))
    assert cautions(foreign, "eu_enlargement,other_fta") == []
    agtpa = pl.read_parquet(shared("gravity_panels", "agtpa_applications.parquet"))
    some = agtpa.filter(pl.col("year").cast(pl.Int32) % 4 == 2)
    assert cautions(some, "rta", domestic="drop") == []
