"""Download a source's official file with its checksum, then load it; or a study's part of it."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

from offing.api.asking import Answer, Asked, question
from offing.api.load import (
    Edition,
    Folder,
    LoadAnswer,
    LoadAs,
    SourceName,
    accepted_options,
    loaded_from,
)
from offing.sources.about import About, source
from offing.sources.baci import edition_in
from offing.sources.fetching import fetch as download
from offing.sources.fetching import name_in
from offing.sources.staging import sha256_of
from offing.terms.background import tell
from offing.terms.errors import InputError
from offing.terms.hs import edition_of, headings_in
from offing.terms.messages import join_list, say
from offing.terms.plain import values_of

WORLD = "world"
"""What is fetched for a study: of the newest world trade, the headings of its goods."""
WORLD_EDITION = "2017"
"""Of a file that does not tell its own."""


@dataclass(frozen=True)
class FetchRequest:
    """Which file of which source? It is kept in the folder ``to`` and loaded, unless ``only``.

    ``source`` ``world`` with a ``study``: of BACI the headings of its goods, as a pack an edition.
    """

    source: SourceName
    file: Annotated[str | None, Asked("load.help_file")] = None
    url: Annotated[str | None, Asked("load.help_url")] = None
    sha256: Annotated[str | None, Asked("load.help_sha256")] = None
    to: Annotated[Path, Asked("load.help_to")] = Path()
    only: Annotated[bool, Asked("load.help_only")] = False
    study: Annotated[Path | None, Asked("load.help_for", name="--for")] = None
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
        others: further packs of a study's goods, of earlier editions.
    """

    file: Path
    size: int
    sha256: str
    url: str
    load: LoadAnswer | None
    others: tuple["FetchAnswer", ...] = ()

    def data(self) -> Any:
        """The load where there was one, else the file."""
        return self.load.data() if self.load else values_of(self, "file", "sha256", "url")


@question(FetchRequest)
def fetch(request: FetchRequest) -> FetchAnswer:
    """Download a publisher's file with its checksum, and load it; or the part that a study needs.

    Raises:
        InputError: ``sources.unknown``, ``sources.no_file_to_fetch``, ``sources.which_file``,
            ``sources.wrong_checksum``, ``load.no_option``, ``load.for_world``,
            ``sources.none_of_headings``.
        StorageError: ``sources.offline`` and the like.
    """
    if (request.source == WORLD) != (request.study is not None):
        raise InputError("load.for_world")
    if request.study is not None:
        return _world(request, request.study)
    about = source(request.source).ABOUT
    options = accepted_options(request.source, edition=request.edition)
    name, address = choose_file(about, request.file, request.url)
    path = _download(request, about, name, address)
    load = None
    if not request.only:
        load = loaded_from(request.source, [path], request.warehouse, request.dataset, options)
    return FetchAnswer(path, path.stat().st_size, sha256_of(path), address, load)


def _download(request: FetchRequest, about: About, name: str, address: str) -> Path:
    return download(
        address,
        request.to,
        name=name,
        sha256=request.sha256 or (about.checksums or {}).get(name),
        progress=lambda what, share: tell(say("load.fetching", name=what), share),
    )


def _world(request: FetchRequest, study: Path) -> FetchAnswer:
    """The headings of a study's goods, as packs that are loaded under their own names.

    Of every edition that the publisher offers, the newest first, unless one is named: each has
    years that a later one lacks. What is there already is not fetched again.
    """
    from offing.study.file import codes_of_goods

    codes = codes_of_goods(study)
    files = source("baci").ABOUT.files or {}
    named = {edition_in(name) or "": name for name in files}
    told = request.edition or edition_in(
        request.file or (name_in(request.url) if request.url else "")
    )
    if told is None and (request.url, request.file, request.sha256) != (None, None, None):
        told = WORLD_EDITION
    editions = sorted(named, reverse=True) if told is None else [edition_of(told)]
    answers = [_pack(request, codes, edition, named[edition]) for edition in editions]
    return replace(answers[0], others=tuple(answers[1:]))


def _pack(request: FetchRequest, codes: Collection[str], edition: str, name: str) -> FetchAnswer:
    """The pack of one edition: the study's headings, and those that its goods were in."""
    from offing.sources.fetching import cut, name_of

    headings = sorted(headings_in(codes, edition))
    about = source("baci").ABOUT
    name, address = choose_file(about, request.file or name, request.url)
    pack, before = request.to / name_of(name, headings), (request.to / name).exists()
    if not pack.exists():
        path = _download(request, about, name, address)
        cutting = lambda what, share: tell(say("load.cutting", name=what), share)  # noqa: E731
        pack = cut(path, headings, request.to, source=address, progress=cutting)
        if not before:
            path.unlink()
    load = None
    if not request.only:
        dataset = request.dataset or f"world-{pack.stem.partition('-')[2]}"
        options = {"edition": edition}
        load = loaded_from("baci", [pack], request.warehouse, f"{dataset}-{edition}", options)
    return FetchAnswer(pack, pack.stat().st_size, sha256_of(pack), address, load)


def choose_file(about: About, file: str | None, url: str | None) -> tuple[str, str]:
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
        raise InputError("sources.which_file", name=about.name, files=join_list(files))
    return file, files[file]
