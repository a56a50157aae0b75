"""The result as data: ``result.json`` and the schema that documents it."""

import json
from functools import cache
from typing import Any

from offing.study.result import StudyResult


@cache
def _adapter() -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(StudyResult)


def as_json(result: StudyResult) -> str:
    """The result as JSON: amounts of money as text, days as ISO dates, two-space indent."""
    return str(_adapter().dump_json(result, indent=2).decode()) + "\n"


def from_json(text: str) -> StudyResult:
    """A result read back from its JSON."""
    result: StudyResult = _adapter().validate_json(text)
    return result


def schema() -> str:
    """The JSON schema of ``result.json``."""
    return (
        json.dumps(_adapter().json_schema(mode="serialization"), indent=2, ensure_ascii=False)
        + "\n"
    )
