"""What a page calls the options that sentences name.

Messages say ``--freight``, as it is typed on a command line. Who reads them on a page finds the
label of the field there, and the form of the page Edit in the place of a key of the study's file.
"""

import re
from collections.abc import Callable

from offing.api.asking import fields_of, option_names, request_of
from offing.report.form_names import drop_asides, name_forms, short_label
from offing.terms.messages import told_by
from offing.web.asking import label_of
from offing.web.page import Visit

HAN = "[\u4e00-\u9fff]"


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
            return f"“{short_label(label_of(page, field))}”"

    def label_text(text: str) -> str:
        text = drop_asides(text) if page.name == "plan" else text
        if "--" in text:
            text = re.sub(r"--[a-z][a-z-]+", option, text)
            text = re.sub(rf"(?<={HAN}) (?=“)|(?<=”) (?={HAN})", "", text)
        return name_forms(text) if forms else text

    return label_text
