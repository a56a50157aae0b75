"""A finished study as charts, map, HTML and XLSX.

:func:`write_report` gives the text of one offline HTML page, :func:`write_what_if` that of a
what-if alone, :func:`write_workbook` writes the workbook. They take a
:class:`~offing.study.result.StudyResult` and compute nothing again. The page of a deal or a book is
in :mod:`offing.report.tellings.settle`.
"""

from offing.report.page import write_report, write_what_if
from offing.report.workbook import write_workbook

__all__ = ["write_report", "write_what_if", "write_workbook"]
