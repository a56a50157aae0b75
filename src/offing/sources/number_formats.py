"""What a workbook's cell looks like beside its value: its number format and its font.

A person reads ``1.234,50 €`` where the file has 1234.5 and a format; nothing else may say that it
is euros, thousands or dozens. Here a format is taken apart into the words that it shows around a
number, and the fonts that strike a cell out are found.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from xml.etree import ElementTree

from offing.sources.columns import spelled
from offing.sources.headings import said_by
from offing.sources.numbers import COUNTING, MULTIPLES, read_amount, read_currency
from offing.terms.currencies import SIGNS

_OF_LOCALE = {
    "$": {0x409: "USD", 0x1009: "CAD", 0xC0C: "CAD", 0xC09: "AUD", 0x1409: "NZD", 0x1004: "SGD",
          0x4809: "SGD", 0xC04: "HKD", 0x3C09: "HKD", 0x404: "TWD", 0x80A: "MXN"},
    "¥": {0x804: "CNY", 0x411: "JPY"}, "kr": {0x406: "DKK", 0x41D: "SEK", 0x414: "NOK"},
}  # fmt: skip
"""Which currency a sign is where the format names a country (``[$¥-804]``)."""
_OF_ONE = {
    "R$": "BRL", "₹": "INR", "zł": "PLN", "₩": "KRW", "฿": "THB", "₫": "VND", "₺": "TRY",
    "₽": "RUB", "NT$": "TWD", "S$": "SGD", "A$": "AUD", "C$": "CAD", "Kč": "CZK",
}  # fmt: skip
"""Signs of a single currency."""
_PART = re.compile(
    r'"(?P<text>[^"]*)"|\\(?P<escaped>.)|\[\$(?P<sign>[^\]-]*)(?:-(?P<locale>[0-9A-Fa-f]+))?\]'
    r"|\[[^\]]*\]|_.|\*.|(?P<digits>[0#?][0#?.,]*)|(?P<plain>[€£¥￥$])|(?P<other>.)",
    re.DOTALL,
)
_UNSEEN = re.compile(r"\s*;\s*;\s*;?\s*")
_PADDED = re.compile(r"0{4,13}")
_ENGLISH = dict.fromkeys(("k", "tsd", "thousand"), "k") | dict.fromkeys(
    ("m", "mio", "mln", "mn", "million"), "mio"
)


@dataclass(frozen=True)
class Look:
    """How the cells of one format look.

    Attributes:
        before: a currency, a sign, a unit or a counting word that is shown before the number.
        after: the same behind it.
        digits: to how many a number is filled up with zeros in front, such as a customs code.
        unseen: whether nothing of a number is shown.
        struck: whether it is struck out.
    """

    before: str = ""
    after: str = ""
    digits: int = 0
    unseen: bool = False
    struck: bool = False

    def around(self, cell: str) -> str:
        """A number as a person sees it.

        >>> Look(before="EUR").around("12.5"), Look(digits=8).around("1012100")
        ('EUR 12.5', '01012100')
        """
        if not re.fullmatch(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", cell):
            return cell
        if self.digits and cell.isdigit():
            return cell.zfill(self.digits)
        return " ".join(filter(None, (self.before, cell, self.after)))

    def counted(self) -> "Look":
        """The same without currencies and units, for tables whose columns say them."""
        before, after = map(_counting, (self.before, self.after))
        return replace(self, before=before, after=after)


def _counting(word: str) -> str:
    """The counting word of a unit of money, 万 of 万元."""
    chinese = (count for count in MULTIPLES if word.startswith(count))
    return word if word in COUNTING else next(chinese, "")


PLAIN = Look()


def look_of(code: str, *, struck: bool = False) -> Look:
    r"""What a number format shows.

    >>> look_of('[$€-407] #,##0.00').before, look_of('#,##0" 台"').after, look_of('0.0,"k"').after
    ('EUR', '台', '')
    >>> look_of('"US$"#,##0').before, look_of('[$¥-411]#').before, look_of('_ ¥* #,##0_ ').before
    ('US$', 'JPY', '¥')
    >>> look_of('#,##0.00" 万元"').after, look_of('#,##0," 千元"').after
    ('万元', 'CNY')
    >>> look_of('yyyy"年"m"月"') == PLAIN, look_of("00000000").digits, look_of(";;;").unseen
    (True, 8, True)
    """
    if _UNSEEN.fullmatch(code):
        return Look(unseen=True, struck=struck)
    if _PADDED.fullmatch(code):
        return Look(digits=len(code), struck=struck)
    sides, scaled = ["", ""], False
    for kind, text in _parts(code):
        if kind == "digits":
            if sides[1]:
                return Look(struck=struck)  # digits after words: a telephone number, a fraction
            scaled = scaled or text.endswith(",")
            sides.append("")
        elif kind == "other":
            if re.search(r"[ymdhsYMDHSeE年月日%/]", text):
                return Look(struck=struck)
        else:
            sides[len(sides) > 2] += text
    before, after = (_understood(text, scaled=scaled) for text in sides[:2])
    return Look(before, after, struck=struck)


def _parts(code: str) -> Iterator[tuple[str, str]]:
    """The parts of the format of numbers above nought: digits, words that are shown, others."""
    for part in _PART.finditer(code):
        if part[0] == ";":
            return
        if part["digits"]:
            yield "digits", part["digits"]
        elif part["sign"]:
            sign = part["sign"].replace("￥", "¥")
            locale = int(part["locale"] or "0", 16) & 0xFFFF
            yield "word", _OF_LOCALE.get(sign, {}).get(locale, sign)
        elif part["other"] and not part["other"].isspace() and part["other"] not in "()-+,.":
            yield "other", part["other"]
        elif word := part["text"] or part["escaped"] or part["plain"]:
            yield "word", word.replace("￥", "¥")


def _understood(text: str, *, scaled: bool) -> str:
    """Words that say a currency, a unit or a scale; none of others, and no scale that is shown."""
    text = text.strip()
    if not text or text in SIGNS:
        return text
    text = _OF_ONE.get(text, text)
    if (currency := read_currency(text)) is not None:
        return text if text.endswith("$") else currency
    counted = text in MULTIPLES or spelled(text) in _ENGLISH
    if counted:
        return "" if scaled else _ENGLISH.get(spelled(text), text)
    return _of_meanings(text, scaled=scaled)


def _of_meanings(text: str, *, scaled: bool) -> str:
    """A unit of goods, or of money such as 万元; a scale that is shown leaves its currency."""
    meanings = said_by(text) or {}
    if "unit" in meanings:
        return text if meanings["scale"] == 1 else ""
    if scaled:
        return str(meanings.get("currency", ""))
    return text if read_amount(f"1 {text}") is not None else ""


def looks(styles: bytes) -> dict[int, Look]:
    """The looks that are not plain, by the number of the cell's style.

    ``styles`` is the part ``xl/styles.xml`` of the workbook.
    """
    try:
        return _looks(ElementTree.fromstring(styles))
    except (ElementTree.ParseError, LookupError, ValueError):
        return {}  # a damaged part, or one that says an encoding that nobody knows


def _looks(root: ElementTree.Element) -> dict[int, Look]:
    space = root.tag.partition("}")[0] + "}" if root.tag.startswith("{") else ""
    codes = {
        one.get("numFmtId", ""): one.get("formatCode", "")
        for one in root.iterfind(f"{space}numFmts/{space}numFmt")
    }
    struck = [
        (mark := font.find(f"{space}strike")) is not None
        and mark.get("val", "1") not in ("0", "false")
        for font in root.iterfind(f"{space}fonts/{space}font")
    ]
    found = {}
    for number, style in enumerate(root.iterfind(f"{space}cellXfs/{space}xf")):
        font = int(style.get("fontId", "0"))
        code = codes.get(style.get("numFmtId", ""), "")
        look = look_of(code, struck=font < len(struck) and struck[font])
        if look != PLAIN:
            found[number] = look
    return found
