"""What a page calls the options and the tables of a study file that sentences name.

Messages say ``--freight`` and ``[duty]``, as they are typed on a command line and in a file. Who
reads them on a page finds the label of the field there, and the form of the page Edit.
"""

import re
from collections.abc import Callable

from offing.api.asking import fields_of, option_names, request_of
from offing.terms.countries import country_name
from offing.terms.messages import language, say
from offing.terms.options import told_by
from offing.web.asking import label_of
from offing.web.editing import LIMITS
from offing.web.page import Visit

HAN = "[\u4e00-\u9fff]"
NAMED = re.compile(
    r"(?P<before> ?)(?:(?P<names>`?ledger = \[\.\.\.\]`?)|(?P<model>\[\[model\]\])"
    r"|(?P<price>\bmarket_prices_usd\b)|(?P<duty>(?P<market>\b[A-Z]{3}) = 0\.15\b)"
    r"|(?P<day>set on to|将 on 设为)|(?P<ledger>(?<!\[)\[ledger\](?!\]))"
    rf"|(?P<limit>\b(?:{'|'.join(LIMITS)})\b)"
    r"|(?<!\[)\[(?P<table>duty|entering|keeping|limits|shipping|markets)\](?!\]))(?P<after> ?)"
)
"""Tables and keys of a study file as messages name them."""
KINDS = ("names", "model", "ledger", "duty", "day", "limit", "table", "price")


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

    def named(text: str) -> str:
        if "--" in text:
            text = re.sub(r"--[a-z][a-z-]+", option, text)
            text = re.sub(rf"(?<={HAN}) (?=“)|(?<=”) (?={HAN})", "", text)
        return with_forms(text) if forms else text

    return named


def with_forms(text: str) -> str:
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
            return f"“{_short(say('web.edit_ledger'))}”"
        case "model":
            return say("web.edit_form")
        case "ledger":
            return f"“{say('web.nav_ledger')}”"
        case "duty":
            return say("web.duty_of", market=country_name(named["market"]), rate="15")
        case "day":
            return say("web.edit_day_to", day=say("web.edit_part", part=say("web.edit_day")))
        case "limit":
            return say("web.edit_part", part=_short(say(f"web.edit_limits_{named['limit']}")))
    return say("web.edit_part", part=_short(say(f"web.edit_{named['table'] or named['price']}")))


def _short(label: str) -> str:
    """What a label begins with."""
    return re.split("[,，:：(（。]", label)[0].strip(" .")
