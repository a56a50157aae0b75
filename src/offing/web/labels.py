"""What a page calls the options that sentences name: the label of the field there."""

from offing.api.asking import fields_of, option_names, request_of
from offing.report.form_names import FormNames, short_label
from offing.terms.messages import Naming
from offing.web.asking import label_of
from offing.web.page import Visit


class PageNames(FormNames):
    """Options by the labels of a page, and keys of the study's file by forms where it has any."""

    def __init__(self, visit: Visit) -> None:
        self._page, ask = visit.page, visit.page.asks
        self._options = {} if ask is None else option_names(request_of(ask))
        fields = () if ask is None else fields_of(request_of(ask))
        self._fields = {field.name: field for field in fields}
        self._forms = self._page.name == "begin" or bool(visit.place and visit.place.kept)
        self.typing = self._page.name != "plan"

    def option(self, name: str, value: str = "") -> str:
        """The label of its field; one that the page does not ask stays as it is typed."""
        if name == "--json":
            return "“JSON”"
        field = self._fields.get(self._options.get(name, ""))
        if field is None:
            return Naming.option(self, name, value)
        return f"“{short_label(label_of(self._page, field))}” {value}".rstrip()

    def key(self, mark: str, value: str = "") -> str:
        """The form, where the study may be changed on the page Edit."""
        return super().key(mark, value) if self._forms else Naming.key(self, mark, value)
