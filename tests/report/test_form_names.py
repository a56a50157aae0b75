"""Who reads a paper has neither command line nor file: no option, command or key stands on it."""

import re

import pytest

from offing.report.form_names import paper_text
from offing.terms.messages import LANGUAGES, Language, room_messages, speaking

ROOMS = ("begin", "market", "moves", "order", "plan", "planning", "price", "report", "landed")
TYPED = re.compile(r"\boffing [a-z]|--[a-z]|\[\[?[a-z_.]+\]|(?<![{\w.])[a-z]+_[a-z_]+\b(?![}\w])")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_sentence_has_what_is_typed(lang: Language) -> None:
    told = {
        f"{room}.{name}": message[lang]
        for room in ROOMS
        for name, message in room_messages(room).items()
        if not name.startswith("help_") and not name.endswith(("_next", "_expected"))
    }
    typed = {name: text for name, text in told.items() if TYPED.search(text)}
    assert len(typed) > 40
    with speaking(lang):
        left = {
            name: paper for name, text in typed.items() if TYPED.search(paper := paper_text(text))
        }
    assert left == {}


def test_the_rest_of_a_sentence_stays() -> None:
    with speaking("zh"):
        assert paper_text("弹性：由报价（offing quotations）或做试验（offing experiment）。") == (
            "弹性：由报价或做试验。"
        )
        assert paper_text("没有运费：关税偏低。请用 --freight 给出运费。") == "没有运费：关税偏低。"
    with speaking("en"):
        assert paper_text("Nothing is known of it: give [duty].").endswith("(Edit).")
