"""What people call the keys and tables of a study's file that sentences name, on pages and paper.

Messages say ``[duty]``, as it is typed in a file. On a page it is the form of the page Edit; who
reads a paper has neither file nor command line.
"""

import re
from decimal import Decimal

from offing.study.edit import every_key, key_at
from offing.study.key_words import message_of, words_of
from offing.terms.messages import has_message, language, say, told_by

EVERY = [
    key for key in every_key() if has_message(message_of(key.path)) and key.path[0] != "reform"
]
KEYS = {key.name: key for key in reversed(EVERY) if "_" in key.name}
TABLES = "|".join(dict.fromkeys(key.path[0] for key in EVERY if len(key.path) > 1)) + "|duty"
BELOW = {key.path[-2]: key.path[:-1] for key in EVERY if len(key.path) > 2}
INSIDE = {key.path[1]: key.path[:2] for key in EVERY if key.path[0] in ("settlement", "ranges")}
NAMED = re.compile(
    r"(?P<before> ?)(?:(?P<names>`?ledger = \[\.\.\.\]`?|`ledger`)|(?P<model>\[\[model\]\])"
    r'|(?P<codes>national_codes = \{ (?P<of>\w+) = "(?P<code>[\d.…]+)" \})'
    r"|(?P<share>(?P<market>\b[A-Z]{3}) = (?P<figure>0\.\d+)\b)"
    r"|(?P<day>set on to|将 on 设为)|(?P<ledger>(?<!\[)\[ledger\](?!\]))"
    rf"|\[(?:settlement|ranges)(?:\] (?:的 ?)?|\.)(?P<inside>{'|'.join(INSIDE)})\b\]?"
    rf"|\b(?P<within>{'|'.join(INSIDE)}) in \[(?:settlement|ranges)\]"
    rf"|\b(?P<key>{'|'.join(KEYS)})\b(?: of \[\w+\])?"
    rf"|\[\[\w+\.(?P<below>{'|'.join(BELOW)})\]\]|\[\[(?P<rows>channel|announced|plant)\]\]"
    rf"|(?<!\[)\[(?P<table>{TABLES})\](?!\]))(?P<after> ?)"
)
"""Tables and keys of a study file as messages name them."""
KINDS = ("names", "model", "codes", "ledger", "share", "day", "inside", "within",
         "key", "below", "rows", "table")  # fmt: skip


def name_forms(text: str) -> str:
    """A sentence that names forms of the page Edit in the place of tables and keys of the file."""
    return NAMED.sub(_form, text) if re.search(r"\[|_| = |\bon\b", text) else text


def _form(named: re.Match[str]) -> str:
    blanks = ("", "") if language() == "zh" else (named["before"], named["after"])
    with told_by(str):
        return blanks[0] + _form_of(named) + blanks[1]


def _form_of(named: re.Match[str]) -> str:
    """What the workbench calls a table or key of the study file."""
    match next(name for name in KINDS if named[name]):
        case "names":
            return f"“{short_label(key_at(('model', 'ledger')).label)}”"
        case "model":
            return say("web.edit_form")
        case "ledger":
            return f"“{say('web.nav_ledger')}”"
        case "share":
            return key_at(("duty",)).shown({named["market"]: Decimal(named["figure"])})
        case "day":
            return say("web.edit_day_to", day=_part(key_at(("on",)).label))
        case "codes":
            codes = key_at(("model", "national_codes"))
            like = codes.shown({named["of"]: named["code"]})
            return f"{_part(codes.label)} ({like})"
        case "inside" | "within" as where:
            return _part(words_of(INSIDE[named[where]])[0])
        case "key":
            return _part(KEYS[named["key"]].label)
        case "below":
            return _part(words_of(BELOW[named["below"]])[0])
    return _part(say(f"web.edit_{named['rows'] or named['table']}"))


def _part(label: str) -> str:
    return say("web.edit_part", part=short_label(label))


def short_label(label: str) -> str:
    """What a label begins with."""
    return re.split(r"[，:：(（。]|,(?!\d)", label)[0].strip(" .")


_TYPED = re.compile(r"\b(?:offing|pip) [a-z]|--[a-z]")
_ASIDE = re.compile(r"\s?[(（][^()（）]{0,200}[)）]")
_SENTENCE = re.compile(r"(?<=[。！？])|(?<=[.!?])(?= )")


def paper_text(text: str) -> str:
    """A sentence for who has no command line: fields by their names, what is to be typed left out.

    >>> paper_text("By quotations (offing quotations). Take it: offing load baci DIR. Give --days.")
    'By quotations. Take it.'
    """
    if text.startswith("<svg") or not _TYPED.search(text):
        return text if text.startswith("<svg") else name_forms(text)
    sentences = _SENTENCE.split(drop_asides(text))
    return name_forms("".join(map(_cut_typed, sentences)).strip())


def drop_asides(text: str) -> str:
    """A text without the brackets that say what is to be typed.

    >>> drop_asides("By quotations (offing quotations), or a test (of prices).")
    'By quotations, or a test (of prices).'
    """
    return _ASIDE.sub(lambda aside: "" if _TYPED.search(aside[0]) else aside[0], text)


def _cut_typed(sentence: str) -> str:
    """A sentence up to the clause that says what is to be typed; empty where that is the first."""
    typed = _TYPED.search(sentence)
    if typed is None:
        return sentence
    clauses = re.split(r"(?=[:：;；])", sentence[: typed.start()])
    return "".join(clauses[:-1]) + sentence[-1] if len(clauses) > 1 else ""
