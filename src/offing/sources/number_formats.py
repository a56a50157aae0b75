"""What a workbook's number format shows beside the number: a currency, a unit, a counting word.

A person reads ``4000.5 k`` where the file has 4000.5 and a format; nothing else may say that it is
four million. The words stand beside the number as they are shown, and the reader of numbers judges
them as it judges those that are typed: what it does not know is rejected.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import dropwhile, takewhile

_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
_FORMAT = re.compile(
    r'"(?P<text>[^"]*)"|\\(?P<escaped>.)|\[\$(?P<money>[^\]-]*)[^\]]*\]|\[[^\]]*\]|[_*].'
    r"|(?P<digits>[0#?][0#?.,]*)|(?P<sign>[€£¥￥$])|(?P<other>[^\s()+,.-])",
    re.DOTALL,
)

Shown = tuple[str, str, int]
"""What a format shows before and behind a number, and to how many digits it fills one up."""


def shown_by_style(kept: Sequence[tuple[str, Mapping[str, str]]]) -> dict[str, Shown]:
    """The number of a style → what its format shows, where that is more than digits."""
    codes = {one.get("numFmtId"): one.get("formatCode", "") for tag, one in kept if tag == "numFmt"}
    inside = takewhile(lambda x: x[0] != "cellStyles", dropwhile(lambda x: x[0] != "cellXfs", kept))
    styles = [one for tag, one in inside if tag == "xf"]
    shown = ((str(at), words_of(codes.get(s.get("numFmtId"), ""))) for at, s in enumerate(styles))
    return {style: words for style, words in shown if any(words)}


def words_of(code: str) -> Shown:
    r"""What a number format shows; nothing where it is one of days, of shares or of thousands.

    >>> words_of('[$€-407] #,##0.00'), words_of('#,##0" 台"'), words_of("00000000")
    (('€', '', 0), ('', '台', 0), ('', '', 8))
    >>> words_of('yyyy"年"'), words_of('0.0,"k"'), words_of('_ ¥* #,##0_ ')
    (('', '', 0), ('', '', 0), ('¥', '', 0))
    """
    if code == "0" * len(code) and 4 <= len(code) <= 13:
        return "", "", len(code)
    sides, digits = ["", ""], ""
    for part in _FORMAT.finditer(code[:255]):
        if part["other"] == ";":
            break
        scaled = part["digits"] and (digits or part["digits"].endswith(","))
        if scaled or (part["other"] and part["other"] in "ymdhsYMDHSeE年月日%/"):
            return "", "", 0
        digits = digits or part["digits"] or ""
        word = part["text"] or part["escaped"] or part["money"] or part["sign"] or ""
        sides[bool(digits)] += word.replace("￥", "¥")
    return sides[0].strip(), sides[1].strip(), 0


def shown_number(cell: str, shown: Shown) -> str:
    """A number as a person sees it; a text as it is.

    >>> shown_number("12.5", ("EUR", "", 0)), shown_number("1012100", ("", "", 8))
    ('EUR 12.5', '01012100')
    """
    before, after, digits = shown
    if not _NUMBER.fullmatch(cell):
        return cell
    return cell.zfill(digits) if digits else " ".join(filter(None, (before, cell, after)))
