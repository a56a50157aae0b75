"""A finished study as charts, map, HTML and XLSX.

:func:`write_report` gives the text of one offline HTML page, :func:`write_workbook` writes the
workbook. Both take a :class:`~offing.study.shape.StudyResult` and compute nothing again.
"""

from offing.report.page import write_report
from offing.report.workbook import write_workbook

__all__ = ["write_report", "write_workbook"]
