"""The manifest of a study: what would be needed to get the same bytes again."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import polars as pl

from offing import __version__
from offing.sources.about import source
from offing.study.inputs import StudyInputs
from offing.study.result import SourceUse, StudyResult, as_json
from offing.terms.plugins import active_plugins
from offing.warehouse import Warehouse
from offing.warehouse.catalog import StoredPart


def _covers(warehouse: Warehouse, table: str, dataset: str, parts: Iterable[StoredPart]) -> str:
    years = sorted({part.year for part in parts if part.year is not None})
    if years:
        return f"{years[0]}–{years[-1]}" if years[0] != years[-1] else f"{years[0]}"
    column = {"fx_rates": "on", "fx_thin": "on", "indicators": "year"}.get(table)
    if column is None:
        return ""
    values = warehouse.table(table, dataset)[column].cast(pl.String)
    return "–".join(map(str, (values.min(), values.max())))


def sources_used(warehouse: Warehouse, tables: Iterable[str], dataset: str) -> Iterator[SourceUse]:
    """Every data set behind the tables, once; of the flows only ``dataset``."""
    for table in tables:
        stored = warehouse.stored_parts(table, dataset if table == "flows" else None)
        by_set: dict[tuple[Path, str], list[StoredPart]] = {}
        for folder, part in stored:
            by_set.setdefault((folder, part.dataset), []).append(part)
        for (folder, name), parts in sorted(by_set.items()):
            catalog = warehouse.catalog if folder == warehouse.folder else warehouse.starter
            newest = max(parts, key=lambda part: part.load)
            load = next((load for load in catalog.loads if load.id == newest.load), None)
            if load is None:
                continue
            about = source(load.source).ABOUT
            yield SourceUse(
                dataset=name,
                title=about.title,
                publisher=about.publisher,
                licence=about.licence,
                covers=_covers(warehouse, table, name, parts),
                loaded=load.at.date(),
                sha256=load.inputs[0].sha256 if load.inputs else "",
                rows=sum(part.rows for part in parts),
                quarantined=sum(load.quarantined.values()),
            )


PACKAGES = ("duckdb", "numpy", "polars", "pydantic", "scipy")
"""Packages whose version can change a figure."""


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def manifest(
    result: StudyResult, *, study_file: Path, inputs: list[Path], seed: int, lang: str
) -> dict[str, Any]:
    """Versions, plug-ins, hashes of every input and rule, seed and language. No time of day.

    Args:
        result: the study's result.
        study_file: the TOML file.
        inputs: other files of the user that were read.
        seed: the study's seed.
        lang: the language of the report.
    """
    rules = json.dumps(
        [[rule.id, rule.value, str(rule.since), str(rule.until)] for rule in result.rules],
        ensure_ascii=False,
    )
    unread = sum(rule.status in ("recalled", "illustrative") for rule in result.rules)
    return {
        "offing": __version__,
        "schema_version": result.schema_version,
        "seed": seed,
        "lang": lang,
        "study": {"file": study_file.name, "sha256": sha256_of(study_file)},
        "result": {"sha256": hashlib.sha256(as_json(result).encode()).hexdigest()},
        "inputs": [{"file": path.name, "sha256": sha256_of(path)} for path in sorted(set(inputs))],
        "data": [
            {
                "dataset": source.dataset,
                "covers": source.covers,
                "loaded": source.loaded.isoformat(),
                "sha256": source.sha256,
            }
            for source in result.sources
        ],
        "rules": {
            "count": len(result.rules),
            "illustrative": unread,
            "sha256": hashlib.sha256(rules.encode()).hexdigest(),
        },
        "packages": {name: metadata.version(name) for name in PACKAGES},
        "plugins": active_plugins(),
    }


def kept_result(world: StudyInputs, make: Callable[[], StudyResult]) -> StudyResult:
    """The result of a study, from its file where a program made the same before.

    The same is: every byte of the study, its ledger, its rules and the catalogue of its data, our
    code, the libraries, the language and the day.
    """
    bytes_of_study = world.file.is_file() and sha256_of(world.file)
    return world.keep(("study", bytes_of_study), make)
