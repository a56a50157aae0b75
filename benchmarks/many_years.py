"""How one machine bears many whole years, and how its time grows with what is loaded.

::

    python -m benchmarks.many_years bars                     # 25 years of 10.6 million flows each
    python -m benchmarks.many_years slopes                   # exponents of CPU time
    python -m benchmarks.many_years bars --years 3 --rows 300000 --folder /tmp/small

Years are shaped as BACI's (``benchmarks.real_shape``): 2020 to 2024 as they are drawn, earlier ones
these five again with the year changed and values 3 % less a year. Each question is a process of its
own that keeps nothing (``OFFING_CACHE=``), as a person's first; CPU seconds count what all its
threads took, so that they hold on a machine that others use. Needs 9 GB of disk for 25 whole years.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from math import log
from multiprocessing import get_context
from pathlib import Path

import polars as pl

from benchmarks import real_shape

LAST = real_shape.LAST
GROWTH = 1.03
HEADING, CODE = "8528", "852872"
STUDY = Path(__file__).resolve().parents[1] / "examples" / "tv-maker" / "study.toml"
BARS = {
    "load": {"wall_s": 180.0, "peak_mb": 1200.0},
    "ladder, warm": {"wall_s": 0.1},
    "markets": {"wall_s": 4.0},
    "study": {"wall_s": 20.0, "peak_mb": 3000.0},
}
"""Of issue 32, for 25 whole years on two cores."""


@dataclass(frozen=True)
class Cost:
    """What a process took."""

    wall_s: float
    cpu_s: float
    peak_mb: float


def cost(*words: str, warehouse: Path) -> Cost:
    """Run a command of offing, or Python code after ``-c``, with a warehouse.

    Raises:
        RuntimeError: it failed, with what it said.
    """
    env = os.environ | {
        "OFFING_WAREHOUSE": str(warehouse),
        "OFFING_CACHE": "",
        "OPENBLAS_NUM_THREADS": "1",
    }
    line = [sys.executable, *(() if words[0] == "-c" else ("-m", "offing")), *words]
    with tempfile.TemporaryFile() as said:
        began = time.perf_counter()
        process = subprocess.Popen(line, env=env, stdout=said, stderr=said)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise RuntimeError(f"{' '.join(line)}: {said.read().decode()[-2000:]}")
    return Cost(
        round(wall, 2), round(used.ru_utime + used.ru_stime, 2), round(used.ru_maxrss / 1e3)
    )


WARM = """
import time, offing
offing.ladder("{code}", "Germany")
took = []
for country in ("France", "Japan", "USA", "Poland", "Mexico"):
    begun, cpu = time.perf_counter(), time.process_time()
    offing.ladder("{code}", country)
    took.append((time.perf_counter() - begun, time.process_time() - cpu))
print(*sorted(took)[2])
"""


def warm(warehouse: Path, code: str) -> Cost:
    """A ladder where the process has answered one of another market: the median of five."""
    env = os.environ | {"OFFING_WAREHOUSE": str(warehouse), "OFFING_CACHE": ""}
    line = [sys.executable, "-c", WARM.format(code=code)]
    done = subprocess.run(line, env=env, capture_output=True, check=True)
    wall, cpu = map(float, done.stdout.split())
    return Cost(round(wall, 3), round(cpu, 3), 0)


def year_files(
    folder: Path, years: int, rows: int, *, products: float = 1.0, markets: float = 1.0
) -> Path:
    """The newest so many years as files of BACI, with a share of their products or importers."""
    folder.mkdir(parents=True, exist_ok=True)
    for year in range(LAST - years + 1, LAST + 1):
        target = folder / f"BACI_HS17_Y{year}_V202601.csv"
        if target.exists():
            continue
        source = LAST - (LAST - year) % 5
        drawn = pl.scan_csv(
            real_shape.year_file(source, rows), schema_overrides={"k": pl.String}, null_values="NA"
        )
        for column, share in (("k", products), ("j", markets)):
            if share < 1:
                names = drawn.select(pl.col(column).unique().sort()).collect()[column]
                # One in so many, so that chapters and sizes stay mixed; and what is asked for.
                kept = names.gather_every(round(1 / share)).implode()
                asked = (
                    pl.col("k").str.starts_with(HEADING) if column == "k" else pl.col("j") == 276
                )
                drawn = drawn.filter(pl.col(column).is_in(kept) | asked)
        ready = target.with_suffix(".new")
        drawn.with_columns(
            t=pl.lit(year), v=(pl.col("v") / GROWTH ** (source - year)).round(3)
        ).sink_csv(ready, null_value="NA")
        ready.rename(target)
    return folder


def rows_of(files: Path) -> int:
    """How many rows the files have."""
    return sum(pl.scan_csv(file).select(pl.len()).collect().item() for file in files.iterdir())


def bars(folder: Path, years: int, rows: int) -> dict[str, object]:
    """Load, ladder, markets and study of many years, beside their bars."""
    files, warehouse = folder / f"{years}-{rows}", folder / "trade"
    # Apart, since a process that is begun here has the peak of this one as its own.
    with ProcessPoolExecutor(1, get_context("spawn")) as apart:
        apart.submit(year_files, files, years, rows).result()
        flows = apart.submit(rows_of, files).result()
    shutil.rmtree(warehouse, ignore_errors=True)
    took = {"load": cost("load", "baci", str(files), warehouse=warehouse)}
    took["the same again"] = cost("load", "baci", str(files), warehouse=warehouse)
    took["ladder"] = cost("ladder", HEADING, "Germany", warehouse=warehouse)
    took["ladder, warm"] = warm(warehouse, CODE)
    took["ladder of a heading, warm"] = warm(warehouse, HEADING)
    took["markets"] = cost("markets", HEADING, "CHN", warehouse=warehouse)
    took["complexity"] = cost("indicators", "eci,fitness", warehouse=warehouse)
    study = folder / "study"
    shutil.rmtree(study, ignore_errors=True)
    shutil.copytree(STUDY.parent, study)
    took["study"] = cost("run", str(study / STUDY.name), warehouse=warehouse)
    disk = sum(file.stat().st_size for file in warehouse.rglob("*") if file.is_file())
    missed = [
        f"{name}: {of} {getattr(took[name], of)} for {most}"
        for name, most_of in BARS.items()
        for of, most in most_of.items()
        if getattr(took[name], of) > most
    ]
    return {
        "years": years,
        "flows": flows,
        "disk_mb": round(disk / 1e6),
        "took": {name: asdict(one) for name, one in took.items()},
        "missed": missed,
    }


QUESTIONS = {
    "ladder": ("ladder", HEADING, "Germany"),
    "complexity": ("indicators", "eci,fitness"),
    "markets": ("markets", CODE, "CHN"),
    "gravity of all": ("gravity", "--all"),
}
SIZES: dict[str, Sequence[tuple[float, dict[str, float]]]] = {
    "years": [(n, {"years": n, "rows": 1_500_000}) for n in (5, 20)],
    "rows": [(n, {"years": 2, "rows": n}) for n in (1_375_000, 11_000_000)],
    "products": [(1 / n, {"years": 2, "rows": 11_000_000, "products": 1 / n}) for n in (8, 1)],
    "markets": [(1 / n, {"years": 2, "rows": 11_000_000, "markets": 1 / n}) for n in (8, 1)],
}
LITTLE: dict[str, float] = {"years": 1, "rows": 20_000}
"""What a question takes of so little is what it takes to begin."""


def exponent(sizes: Sequence[float], seconds: Sequence[float]) -> float:
    """The slope of log seconds over log size, from the first size to the last."""
    return log(max(seconds[-1], 1e-3) / max(seconds[0], 1e-3)) / log(sizes[-1] / sizes[0])


def seconds_of(folder: Path, size: dict[str, float]) -> dict[str, float]:
    """Question → CPU seconds, of a load of so much and of what is asked of it then."""
    share = {name: size.get(name, 1.0) for name in ("products", "markets")}
    files = year_files(folder / "files", int(size["years"]), int(size["rows"]), **share)
    warehouse = folder / "slope"
    lines = {"load": ("load", "baci", str(files)), **QUESTIONS}
    took = {name: cost(*words, warehouse=warehouse).cpu_s for name, words in lines.items()}
    shutil.rmtree(warehouse)
    shutil.rmtree(files)
    return took


def slopes(folder: Path) -> Iterator[dict[str, object]]:
    """CPU seconds by size, less what each question takes to begin, and their exponent."""
    first, again = seconds_of(folder, LITTLE), seconds_of(folder, LITTLE)  # kernels are compiled
    begin = {name: min(first[name], again[name]) for name in first}
    for axis, sizes in SIZES.items():
        names, measured = [size for size, _ in sizes], [seconds_of(folder, of) for _, of in sizes]
        for name, begins in begin.items():
            took = [one[name] for one in measured]
            more = [max(one - begins, 0.05) for one in took]
            yield {
                "axis": axis,
                "question": name,
                "sizes": names,
                "cpu_s": took,
                "begin_s": begins,
                "exponent": round(exponent(names, more), 2),
            }


CHINESE = {
    "years": "年份", "rows": "行", "products": "产品", "markets": "市场", "load": "导入",
    "ladder": "阶梯", "complexity": "复杂度", "gravity of all": "全部产品的引力",
}  # fmt: skip
LEFT, RIGHT, STEP = 200, 540, 22
"""Where an exponent of 0 and of 1 stands, and the height of a row."""


def picture(told: Sequence[dict[str, object]], lang: str) -> str:
    """Exponents as dots between 0 (no growth) and 1 (in proportion), as SVG."""
    lines, y, axis = [], 20, ""
    for one in told:
        by, what = str(one["axis"]), str(one["question"])
        if lang == "zh":  # markets are an axis and a question
            by, what = CHINESE[by], CHINESE[what]
        slope = float(str(one["exponent"]))
        if by != axis:
            axis, y = by, y + STEP
            lines.append(f'<text x="8" y="{y}" font-weight="bold">{by}</text>')
        y += STEP
        x = LEFT + max(slope, 0.0) * (RIGHT - LEFT)
        lines.append(f'<text x="24" y="{y}">{what}</text><circle cx="{x:.0f}" cy="{y - 4}" r="5"/>')
        lines.append(f'<text x="{max(x, LEFT) + 12:.0f}" y="{y}">{slope:.2f}</text>')
    for at, text in ((LEFT, "0"), (RIGHT, "1")):
        lines.append(f'<path d="M{at} 26V{y + 8}" stroke="#888" stroke-dasharray="3 3"/>')
        lines.append(f'<text x="{at}" y="18" text-anchor="middle">{text}</text>')
    size = f'viewBox="0 0 640 {y + 16}" width="640" height="{y + 16}"'
    style = 'font-family="sans-serif" font-size="14" fill="#1f4e79"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>{"".join(lines)}</svg>\n'


def main() -> None:
    """Measure, and write what was measured."""
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    asked.add_argument("what", choices=["files", "bars", "slopes"])
    asked.add_argument("--years", type=int, default=25)
    asked.add_argument("--rows", type=int, default=real_shape.ROWS)
    asked.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir(), "offing-years"))
    asked.add_argument("--out", type=Path)
    asked.add_argument("--pictures", type=Path, help="folder for slopes.en.svg and slopes.zh.svg")
    given = asked.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    if given.what == "files":
        year_files(given.folder / f"{given.years}-{given.rows}", given.years, given.rows)
        return
    told = (
        bars(given.folder, given.years, given.rows)
        if given.what == "bars"
        else {"slopes": list(slopes(given.folder))}
    )
    if given.pictures and given.what == "slopes":
        for lang in ("en", "zh"):
            drawn = picture(told["slopes"], lang)  # type: ignore[arg-type]
            (given.pictures / f"slopes.{lang}.svg").write_text(drawn, encoding="utf-8")
    text = json.dumps(told, indent=1)
    if given.out:
        given.out.write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
