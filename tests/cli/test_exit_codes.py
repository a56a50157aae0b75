"""How a command ends: 0 where all fits, 2 where not; sums of a table are no fault."""

import os
import signal
from pathlib import Path

import pytest

from offing.cli import app
from offing.cli.app import run as offing

LEDGER = """date,market,model,quantity,currency,amount,incoterm,product
2024-01-05,DEU,HC-65M,10,USD,5600,FOB,852872
2024-03-05,DEU,HC-65M,10,USD,5600,FOB,852872
合计,,,20,,11200,,
"""
MONTHS = """所属期,出口日期,离岸价(元),征税率,退税率,商品编码,销项税额,进项税额
2026-01,2026-01-05,1000000,13%,13%,62113310,50000,120000
合计,,1000000,,,,50000,120000
"""
FAIRS = """fair,market,product,places,subsidy,firms,recorded
Good,DEU,8528,10,1000,20,2000000
Poor,JPN,8528,10,1000,20,100000
Fair,FRA,8528,10,1000,20,1000000
合计,,,30,,60,3100000
"""
WRONG = "2024-01-35,DEU,HC-65M,10,USD,5600,FOB,852872"
COMMANDS = {
    "ledger": (LEDGER, WRONG, ["ledger", "{}"]),
    "book": (LEDGER, WRONG, ["book", "{}"]),
    "begin": (LEDGER, WRONG, ["begin", "{}", "{}-study"]),
    "province": (LEDGER, WRONG, ["province", "{}", "--ahead", "0"]),
    "fairs": (FAIRS, "Odd,Atlantis,8528,10,1000,,", ["fairs", "{}", "--budget", "CNY 15k"]),
    "refund": (
        MONTHS,
        "2026-01,2026-01-35,1000,13%,13%,62113310,,",
        ["refund", "--on", "2026-11-24", "--months", "{}"],
    ),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_rows_put_aside_are_bad_input_and_sums_are_not(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text, wrong, line = COMMANDS[name]
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text(text, encoding="utf-8")
    bad.write_text(text.replace("合计", f"{wrong}\n合计"), encoding="utf-8")
    for file, code in ((good, 0), (bad, 2)):
        assert offing([part.format(file) for part in line]) == code
        assert "left out" in capsys.readouterr().out or name == "begin"


QUOTE = "quote 852872 DEU --cost 3150CNY --quantity 300"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (f"{QUOTE} --price -560USD", "The price is USD -560. Expected: what the buyer pays, above"),
        (f"{QUOTE} --freight -5USD", "freight is -5."),
    ],
)
def test_a_negative_amount_is_the_value_of_its_option(
    line: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the amount may be is said; how a minus is written nobody has to know."""
    assert offing(line.split()) == 2
    assert words in " ".join(capsys.readouterr().err.split())


class Panic(BaseException):
    """As a library in Rust raises one: no ``Exception``, and no ``KeyboardInterrupt`` either."""


@pytest.mark.parametrize("kind", [Panic, RuntimeError])
def test_an_interrupt_that_became_another_error_is_still_one(
    kind: type[BaseException], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def answer(_rest: list[str], _as_json: bool) -> int:
        try:
            os.kill(os.getpid(), signal.SIGINT)
            signal.pause()
        except KeyboardInterrupt as error:
            raise kind from error
        return 0

    monkeypatch.setattr(app, "_answer", answer)
    assert app.run(["sources", "--lang", "en"]) == 130
    assert capsys.readouterr().err.startswith("Stopped.")


@pytest.mark.parametrize("kind", [Panic, RuntimeError])
def test_the_same_error_without_an_interrupt_is_a_fault_to_be_seen(
    kind: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(_rest: list[str], _as_json: bool) -> int:
        raise kind

    monkeypatch.setattr(app, "_answer", answer)
    with pytest.raises(kind):
        app.run(["sources"])
