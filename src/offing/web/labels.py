"""What a page calls the options and the tables of a study file that sentences name.

Messages say ``--freight`` and ``[duty]``, as they are typed on a command line and in a file. Who
reads them on a page finds the label of the field there, and the form of the page Edit.
"""

import re
from collections.abc import Callable
from decimal import Decimal

from offing.api.asking import fields_of, option_names, request_of
from offing.study.edit import every_key, key_at, message_of, words_of
from offing.terms.messages import has_message, language, say, told_by
from offing.web.asking import label_of
from offing.web.page import Visit

HAN = "[\u4e00-\u9fff]"
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


def naming(visit: Visit) -> Callable[[str], str]:
    """A function that writes a sentence as the page of a visit has it."""
    page, ask = visit.page, visit.page.asks
    options = {} if ask is None else option_names(request_of(ask))
    fields = {} if ask is None else {field.name: field for field in fields_of(request_of(ask))}
    forms = page.name == "begin" or (visit.place is not None and visit.place.kept)

    def option(found: re.Match[str]) -> str:
        field = fields.get(options.get(found[0], ""))
        if found[0] == "--json":
            return "“JSON”"
        if field is None:
            return found[0]
        with told_by(str):  # a label may name another option
            return f"“{_short(label_of(page, field))}”"

    def label_text(text: str) -> str:
        if "--" in text:
            text = re.sub(r"--[a-z][a-z-]+", option, text)
            text = re.sub(rf"(?<={HAN}) (?=“)|(?<=”) (?={HAN})", "", text)
        return name_forms(text) if forms else text

    return label_text


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
            return f"“{_short(key_at(('model', 'ledger')).label)}”"
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
    return say("web.edit_part", part=_short(label))


def _short(label: str) -> str:
    """What a label begins with."""
    return re.split(r"[，:：(（。]|,(?!\d)", label)[0].strip(" .")
