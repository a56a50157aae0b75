"""The manifest of a study: what would be needed to get the same bytes again."""

import hashlib
import json
from importlib import metadata
from pathlib import Path
from typing import Any

from offing import __version__
from offing.study.result import StudyResult
from offing.terms.plugins import active_plugins

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
    return {
        "offing": __version__,
        "schema_version": result.schema_version,
        "seed": seed,
        "lang": lang,
        "study": {"file": study_file.name, "sha256": sha256_of(study_file)},
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
            "illustrative": sum(
                rule.status in ("recalled", "illustrative") for rule in result.rules
            ),
            "sha256": hashlib.sha256(rules.encode()).hexdigest(),
        },
        "packages": {name: metadata.version(name) for name in PACKAGES},
        "plugins": active_plugins(),
    }
