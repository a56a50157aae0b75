"""The figures of every answer, held while the house is rebuilt: ``python -m tools.frozen``.

``write`` computes all answers of :data:`ANSWERS`, every example and every study of the museum
(rewritten in the newest schema first), and records in ``docs/record/frozen.json`` how many figures
each has and their digest, with the commit. ``compare`` computes them again and names every answer
whose figures differ; ``--against FOLDER`` is another checkout, such as one of the recorded commit:
then each figure that differs is printed with both values.

Figures are the numbers, truth values and codes (texts without a blank) of an answer's ``--json``,
of a study's ``result.json`` and the numbers of its workbook. Not held are cautions, sentences,
sources, versions, hashes and times. ``docs/record/frozen-exceptions.toml`` names what may differ,
with a reason each.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RECORD = ROOT / "docs/record/frozen.json"
EXCEPTIONS = ROOT / "docs/record/frozen-exceptions.toml"
TEXTS = {
    "cautions", "caution", "warnings", "notes", "note", "source", "sources", "version", "versions",
    "sha256", "hash", "hashes", "seconds", "started", "path", "file", "folder", "where", "text",
    "reason", "explained", "status", "reviewed", "still_valid_on", "age_days", "legal", "manifest",
    "warehouse",
}  # fmt: skip
"""Keys below which nothing is held: words, their sources, versions and times."""

DATA = "docs/tutorials/data"
TV = "tests/museum/tv-maker-2024"
SHIPMENT = "--cost 3150CNY --price 560USD --quantity 300"
ANSWERS = {
    "plan": f"plan {TV}/study.toml",
    "price": f"price HC-65M Germany --study {TV}/study.toml",
    "whatif-reform": f"whatif {TV} {TV}/reform.toml",
    "whatif-stress": f"whatif {TV} --stress trade-collapse-2008,refund-cut-4",
    "markets": "markets 8528 --origin CHN",
    "ladder": "ladder 8528 Germany --price 620",
    "outlook": "outlook 8507 --origin CHN",
    "gravity": "gravity 8528 --origin CHN",
    "gravity-panel": (
        f"gravity --panel {DATA}/economist-panel.csv --covariates log_distance,rta "
        "--pair-effects none"
    ),
    "equilibrium": (
        f"equilibrium {DATA}/economist-trade.csv {DATA}/economist-shock.csv --model with-revenue"
    ),
    "indicators": "indicators eci,pci",
    "survival": "survival 85",
    "evidence": "evidence resilience",
    "backtest": "backtest",
    "ledger": f"ledger {TV}/ledger.csv",
    "book": f"book {TV}/ledger.csv",
    "quote": f"quote 852872 DEU --on 2024-12-31 --code 85287240 {SHIPMENT}",
    "quote-usa": f"quote 852872 USA --on 2025-06-30 --code 85287264 --duty 3.9% {SHIPMENT}",
    "quote-bra": f"quote 852872 BRA --on 2024-12-31 --duty 20% --duty ipi=15% {SHIPMENT}",
    "quote-jpn": f"quote 852872 JPN --on 2024-12-31 --duty 0% {SHIPMENT}",
    "quote-ind": f"quote 852872 IND --on 2024-12-31 --duty 20% {SHIPMENT}",
    "refund-study": f"refund --study {TV}/study.toml",
    "refund-months": f"refund --months {DATA}/finance-months.csv --on 2026-11-24",
    "exchange-cost": (
        "exchange-cost 18.20USD 104.53 --vat-rate 13% --refund-rate 13% --bid 6.55 --on 2026-10-30"
    ),
    "origin": (
        "origin 5.60USD --material CHN=1.20 --material THA=1.50 --material IND=2.00 --other 0.90"
    ),
    "settle": "settle 250000 USD --market BRA --on 2025-09-30",
    "settle-book": f"settle --book {TV}/book.toml",
    "province": f"province {DATA}/province.csv --column on=统计期末",
    "fairs": (
        f"fairs {DATA}/fairs.csv --budget 200万 --exports {DATA}/province.csv "
        f"--column on=统计期末 --firms {DATA}/fair-firms.csv"
    ),
    "sources": "sources",
    "rules": "rules DEU --on 2024-12-31",
    "rules-since": "rules USA --on 2025-06-30 --since 2024-06-30 --code 85287264",
    "check": "check tests/cases",
}  # fmt: skip
GARMENTS = "load trade-table examples/workwear/us_imports.csv --as us-garments --edition 2022"
"""What studies of garments need, which the starter world has not."""
MUSEUM = "tests/museum/studies"
STUDIES = {
    TV: "",
    "examples/workwear": "garments",
    f"{MUSEUM}/kitchen": "",
    f"{MUSEUM}/tv-maker": "",
    f"{MUSEUM}/tv-maker-first": "",
    f"{MUSEUM}/workwear": "garments",
    f"{MUSEUM}/workwear-first": "garments",
}
"""Each study, and what it needs; those of batteries need trade that may not ship."""


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every figure of a JSON value with its path: numbers, truth values, nulls and codes."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in TEXTS:
                yield from leaves(inner, f"{path}/{key}")
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from leaves(inner, f"{path}/{at}")
    elif isinstance(value, str):
        if value and len(value) <= 40 and not any(sign.isspace() for sign in value):
            yield path, value
    else:
        yield path, json.dumps(value)


def numbers_of(workbook: Path) -> Iterator[tuple[str, str]]:
    """The numbers of a workbook, by sheet and in order of size: a sheet may be laid out anew."""
    import openpyxl

    book = openpyxl.load_workbook(workbook, data_only=True)
    for sheet in book.worksheets:
        values = sorted(
            float(cell)
            for row in sheet.iter_rows(values_only=True)
            for cell in row
            if isinstance(cell, int | float) and not isinstance(cell, bool)
        )
        yield from ((f"/{sheet.title}/{at}", repr(number)) for at, number in enumerate(values))


def _offing(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(root / "src"), "LC_ALL": "C.UTF-8"}
    command = [sys.executable, "-m", "offing", *arguments]
    return subprocess.run(
        command, cwd=root, env=environment, capture_output=True, text=True, check=False
    )


def figures_of_answer(root: Path, command: str) -> dict[str, str]:
    """The figures of one command's ``--json``.

    Raises:
        RuntimeError: the command gives no JSON.
    """
    run = _offing(root, *command.split(), "--json")
    try:
        return dict(leaves(json.loads(run.stdout)))
    except json.JSONDecodeError as error:
        raise RuntimeError(f"{command}: exit {run.returncode}\n{run.stderr[-600:]}") from error


def figures_of_study(root: Path, name: str) -> dict[str, str]:
    """The figures of a study's folder: result and workbook.

    Raises:
        RuntimeError: the study did not run.
    """
    with tempfile.TemporaryDirectory() as folder:
        study = Path(folder) / "study"
        subprocess.run(["cp", "-r", str(root / name), str(study)], check=True)
        words = ["run", str(study / "study.toml"), "--out", str(Path(folder) / "out")]
        if STUDIES[name] == "garments":
            warehouse = ["--warehouse", str(Path(folder) / "warehouse")]
            _offing(root, *GARMENTS.split(), *warehouse)
            words += warehouse
        run = _offing(root, *words)
        result = Path(folder) / "out/result.json"
        if not result.is_file():
            raise RuntimeError(f"{name}: exit {run.returncode}\n{run.stderr[-600:]}")
        figures = dict(leaves(json.loads(result.read_text(encoding="utf-8"))))
        return figures | dict(numbers_of(Path(folder) / "out/plan.xlsx"))


def every(root: Path, only: list[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """All answers and studies, or those whose names match one of ``only``."""
    for name, command in ANSWERS.items():
        if not only or any(fnmatch(name, pattern) for pattern in only):
            yield name, figures_of_answer(root, command)
    for name in STUDIES:
        if not only or any(fnmatch(name, pattern) for pattern in only):
            yield name, figures_of_study(root, name)


def excepted() -> dict[str, tuple[str, ...]]:
    """Answer → patterns of the paths that may differ."""
    if not EXCEPTIONS.is_file():
        return {}
    rows = tomllib.loads(EXCEPTIONS.read_text(encoding="utf-8")).get("exception", [])
    patterns: dict[str, tuple[str, ...]] = {}
    for row in rows:
        assert row["reason"], row
        patterns[row["answer"]] = (*patterns.get(row["answer"], ()), *row["paths"])
    return patterns


def held(name: str, figures: dict[str, str]) -> dict[str, str]:
    """The figures without those that may differ."""
    rows = excepted()
    patterns = [*rows.get(name, ()), *rows.get("*", ())]
    return {
        path: value
        for path, value in figures.items()
        if not any(fnmatch(path, pattern) for pattern in patterns)
    }


def digest(figures: dict[str, str]) -> str:
    """SHA-256 of the figures with their paths."""
    text = "\n".join(f"{path}={value}" for path, value in sorted(figures.items()))
    return hashlib.sha256(text.encode()).hexdigest()


def write(only: list[str]) -> int:
    """Record the figures of this checkout."""
    commit = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()
    old = json.loads(RECORD.read_text(encoding="utf-8"))["answers"] if RECORD.is_file() else {}
    answers = {}
    for name, figures in every(ROOT, only):
        kept = held(name, figures)
        answers[name] = {"figures": len(kept), "sha256": digest(kept)}
    kept_too = old if only else {}
    document = {"commit": commit, "answers": dict(sorted({**kept_too, **answers}.items()))}
    RECORD.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{len(answers)} answers recorded")
    return 0


def compare(only: list[str], against: Path | None) -> int:
    """Hold this checkout to the record, or to another checkout; 1 where a figure differs."""
    recorded = json.loads(RECORD.read_text(encoding="utf-8"))["answers"] if not against else {}
    others = dict(every(against, only)) if against else {}
    changed = 0
    for name, figures in every(ROOT, only):
        kept = held(name, figures)
        if against is None:
            same = recorded.get(name, {}).get("sha256") == digest(kept)
            print(f"{name:40} {len(kept):8,} {'same' if same else 'DIFFERS'}")
        else:
            before = held(name, others[name])
            paths = [p for p in {**before, **kept} if before.get(p) != kept.get(p)]
            same = not paths
            print(f"{name:40} {len(kept):8,} {len(paths)} differ")
            for path in paths[:20]:
                print(f"    {path}: {before.get(path)} → {kept.get(path)}")
        changed += not same
    return int(changed > 0)


def main() -> int:
    """Write or compare."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("what", choices=("write", "compare"))
    parser.add_argument("only", nargs="*", help="names or patterns of answers")
    parser.add_argument("--against", type=Path, help="another checkout")
    options = parser.parse_args()
    if options.what == "write":
        return write(options.only)
    return compare(options.only, options.against)


if __name__ == "__main__":
    sys.exit(main())
