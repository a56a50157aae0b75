"""A name that holds signs for the terminal changes nothing of it."""

import io

import pytest

from offing.report.blocks import Callout, Cell, Column, Heading, Table, Text
from offing.report.terminal import _Output, show

EVIL = "\x1b]0;owned\x07\x1b[2J\x1b[31mHC-65M\x9b31m\x85\r\x08"


@pytest.mark.parametrize(
    "block",
    [
        Text((EVIL,)), Text((EVIL,), "list"), Callout(EVIL), Heading(EVIL),
        Table("t", EVIL, (Column(EVIL),), ((Cell(EVIL),),)),
    ],
)  # fmt: skip
def test_no_sign_steers_the_terminal(block: object) -> None:
    file = io.StringIO()
    show([block], out=_Output(file=file, width=80, highlight=False))  # type: ignore[list-item]
    told = file.getvalue()
    assert "HC-65M" in told
    assert not {sign for sign in told if ord(sign) < 32 or 127 <= ord(sign) < 160} - {"\n"}
