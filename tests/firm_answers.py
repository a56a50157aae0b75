"""Answers that firms hand in to their trade office, as files; no number here is of a real firm."""

import json
from dataclasses import replace
from datetime import date

from offing.study.share import ShareLine

LINE = ShareLine(
    "Firm", "medium", date(2026, 10, 31), (("8528", "USA", 1e6),), (("8528", "POL"),),
    (("8528", "VNM", 2e4, False),), 0.2, ("fairs",), ("POL",),
)  # fmt: skip


def answers(count: int) -> dict[str, bytes]:
    lines = (replace(LINE, firm=f"Firm {n}") for n in range(count))
    return {f"{one.file_name}.json": json.dumps(one.data()).encode() for one in lines}
