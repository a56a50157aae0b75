"""An answer as blocks, once: sentences, tables, charts, cautions.

One file a question with ``tell(answer)``. The terminal, a page, a notebook and a workbook render
the same blocks.
"""
