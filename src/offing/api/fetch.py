"""Download a source's official file with its checksum, then load it."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from offing.api.asking import Answer, Asked, question
from offing.api.load import Edition, Folder, LoadAnswer, LoadAs, SourceName, accepted, loaded_from
from offing.sources.about import About, source
from offing.sources.fetching import fetch as download
from offing.sources.fetching import name_in
from offing.terms.caution import Caution
from offing.terms.errors import InputError
from offing.terms.messages import enumerated, say
from offing.terms.plain import values_of
from offing.terms.progress import tell


@dataclass(frozen=True)
class FetchRequest:
    """Which file of which source? It is kept in the folder ``to`` and loaded, unless ``only``."""

    source: SourceName
    file: Annotated[str | None, Asked("load.help_file")] = None
    url: Annotated[str | None, Asked("load.help_url")] = None
    sha256: Annotated[str | None, Asked("load.help_sha256")] = None
    to: Annotated[Path, Asked("load.help_to")] = Path()
    only: Annotated[bool, Asked("load.help_only")] = False
    dataset: LoadAs = None
    edition: Edition = None
    warehouse: Folder = None


@dataclass(frozen=True)
class FetchAnswer(Answer):
    """A download, and what its load did.

    Attributes:
        file: where it is.
        size: bytes.
        sha256: what it has.
        url: where it is from.
        load: ``None`` where it was only downloaded.
    """

    file: Path
    size: int
    sha256: str
    url: str
    load: LoadAnswer | None
    cautions: tuple[Caution, ...] = ()

    def data(self) -> dict[str, Any]:
        """The load where there was one, else the file."""
        if self.load is not None:
            return self.load.data()
        return values_of(self, "file", "sha256", "url")


@question(FetchRequest)
def fetch(request: FetchRequest) -> FetchAnswer:
    """Download a publisher's file with its checksum, and load it.

    Raises:
        InputError: ``sources.unknown``, ``sources.no_file_to_fetch``, ``sources.which_file``,
            ``sources.wrong_checksum``, ``load.no_option``.
        StorageError: ``sources.offline`` and the like.
    """
    about = source(request.source).ABOUT
    options = accepted(request.source, edition=request.edition)
    name, address = chosen(about, request.file, request.url)
    path = download(
        address,
        request.to,
        name=name,
        sha256=request.sha256 or (about.checksums or {}).get(name),
        progress=lambda what, share: tell(say("load.fetching", name=what), share),
    )
    with path.open("rb") as opened:
        checksum = hashlib.file_digest(opened, "sha256").hexdigest()
    load = None
    if not request.only:
        load = loaded_from(request.source, [path], request.warehouse, request.dataset, options)
    return FetchAnswer(path, path.stat().st_size, checksum, address, load)


def chosen(about: About, file: str | None, url: str | None) -> tuple[str, str]:
    """The file's name and address: the one given, else the publisher's.

    Raises:
        InputError: no address is known, or there are several files and none is named.
    """
    if url is not None:
        return file or name_in(url), url
    files = about.files or {}
    if not files:
        where_from = about.page or say(about.publisher)
        raise InputError("sources.no_file_to_fetch", name=about.name, where_from=where_from)
    if file is None and len(files) == 1:
        return next(iter(files.items()))
    if file not in files:
        raise InputError("sources.which_file", name=about.name, files=enumerated(files))
    return file, files[file]
