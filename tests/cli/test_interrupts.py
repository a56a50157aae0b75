"""Ctrl-C, whatever a library makes of it, ends in a sentence."""

import os
import signal

import pytest

from offing.cli import app


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
