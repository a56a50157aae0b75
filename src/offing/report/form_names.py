"""What people call the keys and tables of a study's file that sentences name, on pages and paper.

Messages mark them (:class:`offing.terms.messages.Naming`). On a page they are forms of the page
Edit; who reads a paper has neither file nor command line.
"""

import re
from decimal import Decimal

from offing.study.edit import key_at
from offing.study.schema import message_of, words_of
from offing.terms.limits import parse_toml
from offing.terms.messages import Naming, has_message, say

BRACKETS = str.maketrans("", "", "[]")


class FormNames(Naming):
    """Tables and keys of a study's file by the forms of the page Edit."""

    def key(self, mark: str, value: str = "") -> str:
        """The form; of a line of the file what would be typed there."""
        if mark == "[[model]]":
            return say("web.edit_form")
        if mark.startswith("[ledger"):
            return f"“{say('web.nav_ledger')}”"
        path = tuple(mark.translate(BRACKETS).split("."))
        path = path[1:] if path[0] == "study" else path
        if mark == "model.ledger":
            return f"“{short_label(words_of(path)[0])}”"
        if value:
            shown = key_at(path).shown(parse_toml(value, parse_float=Decimal))
            return shown if mark.startswith("[") else f"{_part(path)}{say('report.colon')}{shown}"
        if has_message(message_of(path)) or has_message(_table(path)):
            return _part(path)
        return super().key(mark, value)


def _table(path: tuple[str, ...]) -> str:
    """The message that names a whole table's form."""
    return f"web.edit_{'.'.join(path)}"


def _part(path: tuple[str, ...]) -> str:
    label = say(_table(path)) if has_message(_table(path)) else words_of(path)[0]
    return say("web.edit_part", part=short_label(label))


def short_label(label: str) -> str:
    """What a label begins with."""
    return re.split(r"[，；;:：(（。]|,(?!\d)", label)[0].strip(" .")


class PaperNames(FormNames):
    """Forms, and nothing that only who types needs."""

    typing = False
