"""What nobody types ends in words with exit code 2: endless names, numbers, tables and paths."""

import io
from pathlib import Path

import pytest

from offing.cli.app import run as offing
from offing.report.terminal import console, print_line

NAME, DIGITS = "a" * 5000, "9" * 6000
DEEP = f"x = {'[' * 3000}{']' * 3000}\n"
LEDGER = "date,country,hs code,quantity,amount,currency\n{}2024-03-05,DEU,852872,12,12.5,EUR\n"
ROW = LEDGER.format("2024-03-05,{},8528,1,1,EUR\n")
DEALS = "名称,金额,币种,天数\n甲,{},EUR,{}\n"
QUOTE = ["quote", "852872", "DEU", "--on", "2024-12-31", "--price", "560USD"]
REFUND = ["refund", "--on", "2026-11-24", "--months", "x.toml"]

NAMES = {
    "book": ["book", NAME],
    "run": ["run", NAME],
    "settle out": ["settle", "5", "USD", "--market", "BRA", "--out", f"{NAME}/x.html"],
    "destination": ["quote", "852872", "9" * 4300, *QUOTE[3:]],
    "quantity": [*QUOTE, "--quantity", DIGITS],
    "language": ["--lang", NAME, "sources"],
}
FILES = {
    "deep": (["run", "x.toml"], DEEP),
    "digits": (["run", "x.toml"], f"x = {DIGITS}\n"),
    "months of lists": (REFUND, "month = [[1]]\n"),
    "digits of a deal": (["settle", "--book", "x.csv"], DEALS.format(DIGITS, 90)),
    "deep yaml": (["check", "x.yaml"], "[" * 3000 + "]" * 3000),
    "brackets in a row": (["ledger", "x.csv"], ROW.format("(" * 8000)),
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("x.csv").write_text(LEDGER.format(""), encoding="utf-8")
    Path("x.txt").write_text("x", encoding="utf-8")
    Path("loop").symlink_to("loop")
    return tmp_path


WORDS_OF_PYTHON = (
    "set_int_max_str_digits", "codec", "Unterminated", "of inf ", "?.", "？。", "File exists",
)  # fmt: skip
PLAIN = {
    "digits of a study": ["run", "digits.toml"],
    "signs of a reform": [*QUOTE, "--reform", "signs.toml"],
    "a catalogue cut off": ["sources", "--warehouse", "cut"],
    "a home that is a file": ["serve", "--home", "x.txt"],
}


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", PLAIN)
def test_no_words_of_python_and_nothing_endless(
    name: str, lang: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "digits.toml").write_text(f"x = {DIGITS}\n", encoding="utf-8")
    (folder / "signs.toml").write_bytes(b"x = '\xff'\n")
    for home, text in (("cut", '{"format": "2'), ("other", "[1]")):
        (folder / home).mkdir()
        (folder / home / "catalog.json").write_text(text, encoding="utf-8")
    assert offing([*PLAIN[name], "--lang", lang]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert not [word for word in WORDS_OF_PYTHON if word in said]
    assert len(said) < 800


@pytest.mark.parametrize("name", NAMES)
def test_words_that_nobody_types(
    name: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert offing(NAMES[name]) == 2
    said = capsys.readouterr().err
    assert said
    assert len(said) < 20_000
    assert not list(folder.glob("aaaa*")), "nothing half written"


@pytest.mark.parametrize("name", FILES)
def test_files_that_nobody_writes(
    name: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    order, text = FILES[name]
    file = next(word for word in order if word.startswith("x."))
    (folder / file).write_text(text, encoding="utf-8")
    assert offing(order) == 2
    shown = capsys.readouterr()
    assert shown.err + shown.out


def test_nothing_printed_steers_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """A buyer's name cleared the screen, and another one was printed backwards."""
    bad = "Li\x1b[2J\x1b]0;x\x07 \x9b31m \u202egnp.exe 国"
    print_line(f"! {bad}", "yellow")
    out = console()
    out.file = io.StringIO()
    out.print(bad)
    for said in (capsys.readouterr().out, out.file.getvalue()):
        assert "国" in said
        assert not set("\x1b\x07\x9b\u202e") & set(said)
