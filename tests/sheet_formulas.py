"""A small spreadsheet: what the formulas of a workbook come to, from its inputs alone.

It knows what the workbooks here use: cells and ranges of any sheet, ``+ - * / ^ =``, ``SUM``,
``SUMIF``, ``SUMPRODUCT`` and ``IF``. Values that a workbook was written with are not looked at.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl

_REFERENCE = re.compile(
    r"(?:'(?P<quoted>[^']+)'!|(?P<plain>[A-Za-z_]\w*)!)?"
    r"\$?(?P<first>[A-Z]{1,2}\$?[0-9]+)(?::\$?(?P<last>[A-Z]{1,2}\$?[0-9]+))?(?![\w(])"
)


class Sheets:
    """The sheets of a workbook, to read and to change."""

    def __init__(self, path: Path) -> None:
        self.book = openpyxl.load_workbook(path)
        self._known_rate: dict[tuple[str, str], Any] = {}

    def put(self, sheet: str, cell: str, value: float) -> None:
        """Change an input; everything is computed anew."""
        self.book[sheet][cell].value = value
        self._known_rate.clear()

    def value(self, sheet: str, cell: str) -> Any:
        """What a cell comes to; an empty one is 0."""
        cell = cell.replace("$", "")
        key = sheet, cell
        if key not in self._known_rate:
            written = self.book[sheet][cell].value
            formula = isinstance(written, str) and written.startswith("=")
            is_formula = formula and self.book[sheet][cell].data_type == "f"
            self._known_rate[key] = self._compute(sheet, written[1:]) if is_formula else written
        found = self._known_rate[key]
        return 0 if found is None else found

    def _range(self, sheet: str, first: str, last: str) -> list[Any]:
        area = f"{first.replace('$', '')}:{last.replace('$', '')}"
        return [self.value(sheet, one.coordinate) for row in self.book[sheet][area] for one in row]

    def _compute(self, sheet: str, formula: str) -> Any:
        if formula.startswith("IF("):  # only the side that holds: the other may divide by nothing
            condition, yes, no = _arguments(formula[3:-1])
            return self._compute(sheet, yes if self._compute(sheet, condition) else no)
        names: dict[str, Any] = {}

        def reference(match: re.Match[str]) -> str:
            where = match["quoted"] or match["plain"] or sheet
            name = f"v{len(names)}"
            if match["last"]:
                names[name] = self._range(where, match["first"], match["last"])
            else:
                names[name] = self.value(where, match["first"])
            return name

        text = _REFERENCE.sub(reference, formula).replace("^", "**")
        text = re.sub(r"(?<![<>=])=(?!=)", "==", text)
        return eval(text, {"__builtins__": {}}, names | _FUNCTIONS)


def _sum(*parts: Any) -> float:
    return float(sum(sum(part) if isinstance(part, list) else part for part in parts))


def _sum_if(where: list[Any], wanted: Any, values: list[Any]) -> float:
    return float(sum(v for w, v in zip(where, values, strict=True) if w == wanted))


def _sum_product(*columns: list[float]) -> float:
    total = 0.0
    for row in zip(*columns, strict=True):
        product = 1.0
        for factor in row:
            product *= factor
        total += product
    return total


def _arguments(text: str) -> list[str]:
    """What stands between the commas that are in no bracket."""
    parts, depth = [""], 0
    for sign in text:
        depth += (sign == "(") - (sign == ")")
        if sign == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += sign
    return parts


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "SUM": _sum,
    "SUMIF": _sum_if,
    "SUMPRODUCT": _sum_product,
}
