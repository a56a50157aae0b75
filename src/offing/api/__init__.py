"""One file a question: a frozen request, a frozen answer, one function.

What a person calls in Python (``offing.quote(...)``), what the command line and a page ask. Nothing
here prints; an answer is told by :mod:`offing.report.views`.
"""
