"""Answers that firms hand in to their trade office, as files; no number here is of a real firm."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import combinations
from pathlib import Path

import numpy as np

from offing.policy.disclosure import LEAST
from offing.study.share import ShareLine

LINE = ShareLine(
    "Firm", "medium", date(2026, 10, 31), (("8528", "USA", 1e6),), (("8528", "POL"),),
    (("8528", "VNM", 2e4, False),), 0.2, ("fairs",), ("POL",),
)  # fmt: skip


def answers(count: int) -> dict[str, bytes]:
    lines = (replace(LINE, firm=f"Firm {n}") for n in range(count))
    return {f"{one.file_name}.json": json.dumps(one.data()).encode() for one in lines}


def put(folder: Path, *lines: ShareLine) -> Path:
    folder.mkdir(exist_ok=True)
    for line in lines:
        text = json.dumps(line.data(), ensure_ascii=False)
        (folder / f"{line.file_name}-{line.on}.json").write_text(text, encoding="utf-8")
    return folder


def gives_away(rows: np.ndarray, keys: Sequence[tuple[str, ...]]) -> bool:
    """Whether some combination of the sums rests on one firm or two: by linear algebra."""
    firms = sorted({firm for firm, *_ in keys})
    for size in range(1, LEAST):
        for few in combinations(firms, size):
            inside = np.array([key[0] in few for key in keys])
            _, values, right = np.linalg.svd(rows[:, ~inside].T)
            rank = int((values > 1e-9).sum())
            free = right[rank:]  # combinations that are nothing for all others
            if free.size and np.abs(free @ rows[:, inside]).max() > 1e-9:
                return True
    return False
