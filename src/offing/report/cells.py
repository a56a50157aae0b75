"""The rows of a table as HTML: in a template each of a report's 11,000 cells takes far longer."""

from collections.abc import Sequence

from offing.report.blocks import Cell, Column

_SIGNS = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", "'": "&#39;", '"': "&#34;"},
)
"""As the templates write them."""


def row_html(cells: Sequence[Cell], columns: Sequence[Column]) -> str:
    """A row, whose first cell names it.

    >>> columns = [Column("", number=False), Column("")]
    >>> print(row_html([Cell("R&D", mark="ours"), Cell("7")], columns))
    <tr><th scope="row" class="text ours">R&amp;D</th><td class="num">7</td></tr>
    >>> print(row_html([Cell("7", bar=0.5)], columns[1:]))
    <tr><th scope="row" class="num bar" style="--n:0.500">7</th></tr>
    """
    parts = []
    for place, cell in enumerate(cells):
        tag, scope = ("td", "") if place else ("th", ' scope="row"')
        names = "num" if columns[place].number else "text"
        if cell.mark:
            names = f"{names} {cell.mark}"
        style = ""
        if cell.bar is not None:
            names, style = f"{names} bar", f' style="--n:{cell.bar:.3f}"'
        text = cell.text.translate(_SIGNS)
        parts.append(f'<{tag}{scope} class="{names}"{style}>{text}</{tag}>')
    return f"<tr>{''.join(parts)}</tr>"
