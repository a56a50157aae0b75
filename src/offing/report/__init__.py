"""A finished study as charts, map, HTML and XLSX.

:func:`write_report` gives the text of one offline HTML page, :func:`write_what_if` that of a
what-if alone, :func:`write_workbook` writes the workbook. They take a
:class:`~offing.study.result.StudyResult` and compute nothing again. The page of a
question is made by :func:`offing.report.views.page_of`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from offing.report.page import write_report, write_what_if
    from offing.report.workbook import write_workbook

__all__ = ["write_report", "write_what_if", "write_workbook"]

_HOMES = {"write_report": "page", "write_what_if": "page", "write_workbook": "workbook"}


def __getattr__(name: str) -> Any:
    """Pages are imported when they are asked for: a command that prints a table needs none."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
