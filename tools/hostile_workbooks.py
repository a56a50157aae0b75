"""Let readers read hostile workbooks: ``python -m tools.hostile_workbooks [SEED] [COUNT]``.

Each is a ledger of three lines to which one to three of :data:`TRICKS` are done: sheets that reach
to the end of the world, parts that unpack to gigabytes, entities, nests, doubled parts, thousands
of sheets. They are read one after another in a worker process; one that ends the worker, takes more
than five seconds of computing or a gigabyte of memory, or raises what is no error of the house, is
printed with its number and kept in ``build/fuzz``.
"""

import io
import os
import random
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "build" / "fuzz"
SECONDS, MEGABYTES = 5.0, 1000
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
LINK = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
TYPE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATED = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
LEDGER: list[list[object]] = [
    ["date", "country", "hs code", "quantity", "amount", "currency"],
    ["2024-03-05", "DEU", "852872", 1200, 1234567.5, "EUR"],
    ["2024-03-31", "GBR", "852872", 10, 8500.25, "EUR"],
]
PLACES = ["XFD1048576", "H1048576", "CV1048576", "XFD900", "A4294967295", "XFE1", "B0",
          "A99999999999999999999", "XFD16000", "O1048576", "b7", "7", "C", "甲1"]  # fmt: skip
NUMBERS = ["0", "-1", "1048576", "1048577", "4294967295", "4294967296", "9" * 5000, "x", "", "1.5"]
Trick = Callable[["Book", random.Random], None]


def cell(address: str, value: object, more: str = "") -> str:
    """A cell with a number or a text."""
    if isinstance(value, str):
        return f'<c r="{address}" t="inlineStr"{more}><is><t>{value}</t></is></c>'
    return f'<c r="{address}"{more}><v>{value}</v></c>'


@dataclass
class Book:
    """What a workbook is put together from."""

    rows: list[str] = field(default_factory=list)
    head: str = ""
    before: str = ""
    after: str = ""
    styles: str = ""
    sheets: int = 1
    parts: list[tuple[str, bytes]] = field(default_factory=list)
    name: str = "book.xlsx"
    target: str = "worksheets/sheet1.xml"
    last: list[Callable[[bytes], bytes]] = field(default_factory=list)

    def content(self) -> bytes:
        """The bytes of the file."""
        links = "".join(
            f'<Relationship Id="r{n}" Type="{TYPE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
            for n in range(2, self.sheets + 1)
        )
        first = f'<Relationship Id="r1" Type="{TYPE}/worksheet" Target="{self.target}"/>'
        named = "".join(
            f'<sheet name="S{n}" sheetId="{n}" r:id="r{n}"/>' for n in range(1, self.sheets + 1)
        )
        sheet = (
            f"{self.head}<worksheet {MAIN}>{self.before}<sheetData>{''.join(self.rows)}"
            f"</sheetData>{self.after}</worksheet>"
        )
        office = f'<Relationship Id="r1" Type="{TYPE}/officeDocument" Target="xl/workbook.xml"/>'
        files = {
            "[Content_Types].xml": "<Types/>",
            "_rels/.rels": f"<Relationships {RELATED}>{office}</Relationships>",
            "xl/workbook.xml": f"<workbook {MAIN} {LINK}><sheets>{named}</sheets></workbook>",
            "xl/_rels/workbook.xml.rels": (
                f"<Relationships {RELATED}>{first}{links}</Relationships>"
            ),
            "xl/worksheets/sheet1.xml": sheet,
        }
        if self.styles:
            files["xl/styles.xml"] = f"<styleSheet {MAIN}>{self.styles}</styleSheet>"
        for number in range(2, self.sheets + 1):
            files[f"xl/worksheets/sheet{number}.xml"] = (
                sheet
                if number < 4
                else sheet[:0] or (f"<worksheet {MAIN}><sheetData/></worksheet>")
            )
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in files.items():
                archive.writestr(name, text)
            for name, data in self.parts:
                archive.writestr(name, data)
        data = out.getvalue()
        for change in self.last:
            data = change(data)
        return data


def lines(down: int = 0) -> list[str]:
    """The rows of the ledger, so many rows further down."""
    rows = []
    for number, line in enumerate(LEDGER, 1 + down):
        cells = "".join(cell(f"{chr(65 + at)}{number}", value) for at, value in enumerate(line))
        rows.append(f'<row r="{number}">{cells}</row>')
    return rows


def stray(book: Book, chance: random.Random) -> None:
    """One filled cell far away, or at no place."""
    place = chance.choice(PLACES)
    row = "".join(filter(str.isdigit, place)) or "4"
    book.rows.append(f'<row r="{row}">{cell(place, 5)}</row>')


def row_number(book: Book, chance: random.Random) -> None:
    """A row with a number that no sheet has."""
    book.rows.append(f'<row r="{chance.choice(NUMBERS)}"><c><v>1</v></c></row>')


def hidden_columns(book: Book, chance: random.Random) -> None:
    """Hidden columns without end."""
    book.before += (
        f'<cols><col min="{chance.choice(NUMBERS)}" max="{chance.choice(["4000000000", *NUMBERS])}"'
        ' hidden="1"/></cols>'
    )


def many_columns(book: Book, chance: random.Random) -> None:
    """As many times hidden as the file has room for."""
    one = '<col min="1" max="16384" hidden="1"/>'
    book.before += f"<cols>{one * chance.choice([1000, 150_000, 300_000])}</cols>"


def merged(book: Book, chance: random.Random) -> None:
    """Merged ranges over everything, over one another, or over nothing that is a range."""
    ranges = ["A2:XFD1048576", "A2:A1048576", "A1:A4294967295", "A1", "B2:", "A3:A1", "A1:B2:C3"]
    many = chance.choice([1, 3, 150_000])
    one = f'<mergeCell ref="{chance.choice(ranges)}"/>'
    book.after += f'<mergeCells count="{chance.choice(NUMBERS)}">{one * many}</mergeCells>'


def dimension(book: Book, chance: random.Random) -> None:
    """A range of cells that is announced and is not there."""
    book.before = f'<dimension ref="A1:{chance.choice(PLACES)}"/>{book.before}'


def deep(book: Book, chance: random.Random) -> None:
    """Elements in elements in elements."""
    depth = chance.choice([1000, 200_000])
    book.after += "<x>" * depth + "</x>" * chance.choice([depth, depth - 1])


def entities(book: Book, chance: random.Random) -> None:
    """A billion laughs, or a file of the machine."""
    laughs = "".join(f'<!ENTITY e{n} "{(f"&e{n - 1};" if n else "ha") * 10}">' for n in range(12))
    outside = '<!ENTITY e11 SYSTEM "file:///etc/hostname">'
    book.head = f"<!DOCTYPE x [{chance.choice([laughs, outside])}]>"
    book.rows.append('<row r="4"><c r="A4" t="inlineStr"><is><t>&e11;</t></is></c></row>')


def doubled(book: Book, chance: random.Random) -> None:
    """The same part twice, or twice but for its capitals: readers differ on which they take."""
    name = chance.choice(
        ["xl/worksheets/sheet1.xml", "XL/Worksheets/Sheet1.xml", "xl\\workbook.xml"]
    )
    rows = f'<sheetData><row r="1">{cell("XFD1048576", 5)}</row></sheetData>'
    far = f"<worksheet {MAIN}>{rows}</worksheet>"
    book.parts.append((name, far.encode()))


def other_target(book: Book, chance: random.Random) -> None:
    """A sheet that lies elsewhere, and reaches far there."""
    target, part = chance.choice(
        [("/xl/far.xml", "xl/far.xml"), ("xl/far.bin", "xl/far.bin"), ("../far.xml", "far.xml"),
         ("workbook.xml", "xl/x"), ("", "xl/x"), ("worksheets/none.xml", "xl/x")]
    )  # fmt: skip
    far = f'<root xmlns="x"><sheetData><row r="1">{cell("CV1048576", 5)}</row></sheetData></root>'
    book.target = target
    book.parts.append((part, far.encode()))


def bomb(book: Book, chance: random.Random) -> None:
    """A part that unpacks to hundreds of megabytes."""
    size = chance.choice([60, 120, 250]) << 20
    start = chance.choice([b"", b"<sst><si><t>", b"<worksheet><sheetData>"])
    name = chance.choice(["xl/sharedStrings.xml", "xl/media/image1.png", "docProps/app.xml"])
    book.parts.append((name, start + b" " * size))


def lying_size(book: Book, chance: random.Random) -> None:
    """Members that announce another size than they have."""
    at = chance.randrange(3)

    def change(data: bytes) -> bytes:
        out, found = bytearray(data), data.find(b"PK\x01\x02")
        for _ in range(at):
            found = max(data.find(b"PK\x01\x02", found + 1), found)
        out[found + 24 : found + 28] = chance.randbytes(4)
        return bytes(out)

    book.last.append(change)


def locked(book: Book, chance: random.Random) -> None:
    """Encrypted, or another format than its name says."""
    heads = [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x05\x06", b"%PDF-1.7"]
    head = chance.choice(heads)
    book.last.append(lambda data: head + data if chance.random() < 0.5 else head + bytes(600))


def flags(book: Book, chance: random.Random) -> None:
    """The flag of an encrypted member, or a packing that nobody has."""
    at, value = chance.choice([(8, 1), (10, 99), (10, 12), (10, 14)])

    def change(data: bytes) -> bytes:
        out, found = bytearray(data), data.find(b"PK\x01\x02")
        out[found + at] = value
        return bytes(out)

    book.last.append(change)


def cut(book: Book, chance: random.Random) -> None:
    """A download that broke off."""
    share = chance.random()
    book.last.append(lambda data: data[: int(share * len(data))])


def flipped(book: Book, chance: random.Random) -> None:
    """Some bits of the file turned."""

    def change(data: bytes) -> bytes:
        out = bytearray(data)
        for _ in range(chance.randint(1, 9)):
            out[chance.randrange(len(out))] ^= 1 << chance.randrange(8)
        return bytes(out)

    book.last.append(change)


def many_sheets(book: Book, chance: random.Random) -> None:
    """Thousands of sheets."""
    book.sheets = chance.choice([3, 40, 900, 3000])


def uncomputed(book: Book, chance: random.Random) -> None:
    """Formulas that nobody has computed, and cells in error."""
    many = chance.choice([1, 1000, 250_000])
    one = chance.choice(
        ["<f>1+1</f>", "<f>1+1</f><v/>", "<f/>", f"<f>{'9' * 5000}</f>" if many < 9 else "<f/>"]
    )
    kind = chance.choice(["", ' t="e"', ' t="s"', ' t="zz"'])
    row = f"<row>{f'<c{kind}>{one}</c>' * min(many, 9000)}</row>"
    book.rows.append(row * (many // 9000 + 1))


def texts(book: Book, chance: random.Random) -> None:
    """A cell of a hundred thousand signs, below the headings or among them."""
    long = chance.choice(["9", "(", " ", "a", "国", "1,", "(a"]) * chance.choice([1999, 100_000])
    place = chance.choice(["G1", "A4", "C4", "E4", "D2"])
    book.rows.append(f'<row r="{place[1:]}">{cell(place, long)}</row>')


def formats(book: Book, chance: random.Random) -> None:
    """Number formats without end, and more of them than any workbook has."""
    code = chance.choice(["&quot;k&quot;0", "0" * 9000, "[$" * 9000, "&quot;" * 8001, "\\" * 9001])
    many = chance.choice([1, 1000, 250_000])
    one = f'<numFmt numFmtId="170" formatCode="{code}"/>'
    styles = '<xf numFmtId="170"/>' * many
    styled = cell("E4", 5, more=' s="0"')
    count = chance.choice(NUMBERS)
    book.styles = (
        f'<numFmts count="{count}">{one}</numFmts><cellXfs count="{count}">{styles}</cellXfs>'
    )
    book.rows.append(f'<row r="4">{styled}</row>')


def strings(book: Book, chance: random.Random) -> None:
    """Texts of a table that lacks them, or says how many it has."""
    count = chance.choice(NUMBERS[:7])
    book.parts.append(
        (
            "xl/sharedStrings.xml",
            f'<sst {MAIN} count="{count}" uniqueCount="{count}"><si/></sst>'.encode(),
        )
    )
    book.rows.append(f'<row r="4"><c r="A4" t="s"><v>{chance.choice(NUMBERS)}</v></c></row>')


def empty_top(book: Book, chance: random.Random) -> None:
    """Headings below tens or thousands of empty rows, or no row at all."""
    moved = lines(chance.choice([26, 40, 5000, 1_000_000]))
    book.rows = chance.choice([moved, [], ["<row/>" * 9]])


def blanks(book: Book, chance: random.Random) -> None:
    """Cells with a border and nothing in them, and rows without numbers."""
    many = chance.choice([1000, 100_000])
    book.rows.append(chance.choice(['<row><c s="1"/></row>', "<row/>", '<row hidden="1"/>']) * many)


def opendocument(rows: str, columns: str) -> bytes:
    """An OpenDocument with one cell that is repeated."""
    space = "urn:oasis:names:tc:opendocument:xmlns"
    names = " ".join(f'xmlns:{n}="{space}:{n}:1.0"' for n in ("office", "table", "text"))
    one = f'<table:table-cell office:value-type="float" office:value="1" table:{REPEATED[1]}='
    text = (
        f"<office:document-content {names}><office:body><office:spreadsheet>"
        f'<table:table table:name="S"><table:table-row table:{REPEATED[0]}="{rows}">'
        f'{one}"{columns}"><text:p>1</text:p></table:table-cell></table:table-row></table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", text)
    return out.getvalue()


REPEATED = ("number-rows-repeated", "number-columns-repeated")


def other_format(book: Book, chance: random.Random) -> None:
    """An OpenDocument that repeats its cells without end, or a name of another format."""
    book.name = chance.choice(["book.ods", "book.XLSX", "book.xls", "book.xlsb", "book.xlsm"])
    rows = chance.choice(["1000000", *NUMBERS[:7]])
    data = opendocument(rows, chance.choice(["1", "90", "16384", "4294967295"]))
    if book.name == "book.ods":
        book.last.append(lambda _: data)


TRICKS: list[Trick] = [
    stray, row_number, hidden_columns, many_columns, merged, dimension, deep, entities, doubled,
    other_target, bomb, lying_size, locked, flags, cut, flipped, many_sheets, uncomputed, texts,
    formats, strings, empty_top, blanks, other_format,
]  # fmt: skip


def build(seed: int, number: int) -> tuple[str, bytes, list[str]]:
    """The name and the bytes of one workbook, and what was done to it."""
    chance = random.Random(f"{seed} {number}")
    book = Book(lines())
    first = TRICKS[number % len(TRICKS)]
    tricks = [first, *chance.sample(TRICKS, chance.choice([0, 0, 1, 2]))]
    for trick in tricks:
        trick(book, chance)
    return book.name, book.content(), [trick.__name__ for trick in tricks]


def _peak() -> int:
    """The most memory since the last reset, in MB; nothing where the system does not tell."""
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="ascii").splitlines() if status.exists() else []
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM")), 0)


def _reset() -> None:
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return


def work(seed: int, first: int, last: int) -> None:
    """Read workbooks, and print a line before and after each."""
    from offing.sources.ledger import look_at_all, read_ledger
    from offing.sources.market_panel import read_panel
    from offing.sources.own_table import read_table
    from offing.terms.errors import OffingError

    readers: list[Callable[[Path], object]] = [read_ledger, look_at_all, read_table, read_panel]
    with TemporaryDirectory() as folder:
        for number in range(first, last):
            name, data, tricks = build(seed, number)
            path = Path(folder) / name
            path.write_bytes(data)
            print("reads", number, *tricks, flush=True)
            _reset()
            start, fate = sum(os.times()[:4]), "read"
            try:
                readers[number // len(TRICKS) % len(readers)](path)
            except OffingError as error:
                fate = error.key if str(error) else "an error without words"
            except Exception as error:
                fate = f"CRASH {type(error).__name__} {str(error)[:90]}"
            seconds, peak = sum(os.times()[:4]) - start, _peak()
            late = seconds > SECONDS or peak > MEGABYTES
            print("LATE" if late else "done", number, f"{seconds:.1f}", peak, fate, flush=True)


def attack(seed: int, count: int) -> tuple[list[str], dict[str, int]]:
    """Faults, each with its number, and how the workbooks fared."""
    faults: list[str] = []
    fates: dict[str, int] = {}
    number = 0
    while number < count:
        order = [
            sys.executable,
            "-m",
            "tools.hostile_workbooks",
            "work",
            *map(str, (seed, number, count)),
        ]
        with subprocess.Popen(order, stdout=subprocess.PIPE, text=True, cwd=ROOT) as worker:
            tricks = ""
            for line in worker.stdout or ():
                mark, at, rest = line.rstrip("\n").split(" ", 2)
                number = int(at)
                if mark == "reads":
                    tricks = rest
                    continue
                _, _, fate = rest.split(" ", 2)
                fates[fate] = fates.get(fate, 0) + 1
                if mark == "LATE" or fate.startswith(("CRASH", "an error")):
                    faults.append(f"{number} ({tricks}): {rest}")
                number += 1
        if worker.returncode:
            faults.append(f"{number} ({tricks}): ended the process ({worker.returncode})")
            number += 1
    for fault in faults:
        which = int(fault.split()[0])
        name, data, _ = build(seed, which)
        KEPT.mkdir(parents=True, exist_ok=True)
        (KEPT / f"{seed}-{which}-{name}").write_bytes(data)
    return faults, fates


def main() -> int:
    """Attack, or do the work of one attack."""
    if sys.argv[1:2] == ["work"]:
        work(*map(int, sys.argv[2:5]))
        return 0
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 2000
    start = time.monotonic()
    faults, fates = attack(seed, count)
    for fate, times in sorted(fates.items(), key=lambda item: -item[1]):
        print(f"{times:6,} {fate}")
    minutes = (time.monotonic() - start) / 60
    print(
        f"seed {seed}, {count:,} workbooks, {minutes:.1f} minutes, {len(faults)} faults",
        *faults,
        sep="\n",
    )
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
