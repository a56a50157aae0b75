"""The workbench: the same answers in a browser (``offing serve``).

A page is one file in :mod:`offing.web.pages`. It asks :mod:`offing.api`, tells the answer with
:mod:`offing.report.views` and hands over a :class:`~offing.web.page.View`; page, JSON twin and
CSV are rendered from that one view. No sum is done here. Nothing but this room knows the web
framework.
"""
