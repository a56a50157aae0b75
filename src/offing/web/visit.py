"""One request, as a page sees it: who asks, in which study, with which values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from starlette.datastructures import FormData, QueryParams, UploadFile

from offing.terms.errors import MissingDataError
from offing.web.sessions import Session
from offing.web.studies import StudyPlace

if TYPE_CHECKING:
    from offing.web.page import Page
    from offing.web.workbench import Workbench


@dataclass(frozen=True)
class Visit:
    """A request to a page.

    Attributes:
        workbench: studies, jobs and settings.
        session: who asks.
        client: the address they ask from.
        page: that is asked for.
        query: of the address.
        form: of a change.
        place: the study that is open, if any.
        noted: what was written into the log on this visit: act and about.
    """

    workbench: "Workbench"
    session: Session
    client: str
    page: "Page"
    query: QueryParams
    form: FormData
    place: StudyPlace | None
    noted: list[tuple[str, str]] = field(default_factory=list)

    @property
    def user(self) -> str:
        """Who asks."""
        return self.session.user

    @property
    def study(self) -> StudyPlace:
        """The study that is open.

        Raises:
            MissingDataError: ``web.which_study`` where none is.
        """
        if self.place is None:
            raise MissingDataError("web.which_study")
        return self.place

    def value(self, name: str, default: str = "") -> str:
        """A text of the form, else of the query, without blanks around it."""
        text = self.form.get(name) if name in self.form else self.query.get(name)
        return text.strip() if isinstance(text, str) and text.strip() else default

    def values(self, name: str) -> list[str]:
        """All texts of one name, as boxes that are ticked have."""
        texts = [*self.form.getlist(name), *self.query.getlist(name)]
        return [text.strip() for text in texts if isinstance(text, str) and text.strip()]

    def upload(self, name: str) -> UploadFile | None:
        """A file of the form, where one was chosen."""
        file = self.form.get(name)
        return file if isinstance(file, UploadFile) and file.filename else None

    def link(self, page: str, /, **query: str) -> str:
        """The address of a page or of one of its parts, with the study that is open."""
        return self.workbench.link(page, self._query(query))

    def _query(self, query: Mapping[str, str]) -> dict[str, str]:
        merged = ({"study": self.place.name} if self.place else {}) | dict(query)
        return {name: value for name, value in merged.items() if value or name != "study"}

    def note(self, act: str, about: str = "") -> None:
        """Write into the audit log what is read or changed."""
        self.noted.append((act, about))
        name = self.place.name if self.place else ""
        self.workbench.audit.note(self.user, self.client, act, name, about)
