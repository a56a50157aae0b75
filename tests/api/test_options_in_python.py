"""Who asks in Python reads parameters, who types a line reads options, from one message."""

import re
from collections.abc import Callable
from typing import Any

import pytest

import offing
from offing.cli.app import run
from offing.terms.errors import OffingError
from offing.terms.messages import as_parameters, read_messages, rooms

ASKED: list[tuple[Callable[[], Any], str, str]] = [
    (
        lambda: offing.gravity("8528", market="Germany"),
        "gravity 8528 --market Germany",
        "market says into which country, but not from which. Next: name the exporter with origin",
    ),
    (
        lambda: offing.settle("5000 USD", cost_cny="x"),
        "settle 5000USD --cost-cny x",
        "Where: column cost_cny",
    ),
    (lambda: offing.fairs("docs/tutorials/data/fairs.csv"), "", 'for example budget="CNY 5m"'),
]


@pytest.mark.parametrize(("ask", "line", "words"), ASKED)
def test_an_error_names_what_the_asker_wrote(
    ask: Callable[[], Any], line: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(OffingError) as refused:
        ask()
    told = " ".join(str(refused.value).split())
    assert words in told
    assert "--" not in re.sub(r"offing [^,;]*", "", told)
    if line:
        assert run(line.split()) == 2
        assert "--" in capsys.readouterr().err, "a line has options"
    assert "--" not in re.sub(r"offing [^,;]*", "", str(refused.value.as_json()))


def test_every_message_can_be_said_without_options() -> None:
    """Commands that are to be typed keep theirs; nothing else has a dash before its name."""
    commands = re.compile(r"(offing|pip install) .*|-- |--\{what\}")
    texts = [
        text
        for room in rooms()
        for message in read_messages(room).values()
        for name, text in message.items()
        if name != "same" and "--" in text
    ]
    left = [said for text in texts if "--" in commands.sub("", said := as_parameters(text, {}))]
    assert left == []
    assert len(texts) > 400
