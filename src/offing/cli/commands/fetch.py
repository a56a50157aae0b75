"""``offing fetch``: download a source's official file, then load it."""

import hashlib
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from offing.cli.commands.load import accepted, show
from offing.cli.options import AsJson, WarehouseDir
from offing.cli.show import print_json, progress
from offing.report.terminal import error_console, print_line
from offing.sources.about import About, names, source
from offing.sources.fetching import fetch as download
from offing.sources.fetching import name_in
from offing.terms.errors import InputError
from offing.terms.messages import enumerated, say
from offing.warehouse import load as load_into
from offing.warehouse.store import default_folder


def fetch(
    source_name: Annotated[
        str, Parameter(name="SOURCE", help=say("load.help_source", all=enumerated(names())))
    ],
    /,
    *,
    file: Annotated[str | None, Parameter(help=say("load.help_file"))] = None,
    url: Annotated[str | None, Parameter(help=say("load.help_url"))] = None,
    sha256: Annotated[str | None, Parameter(help=say("load.help_sha256"))] = None,
    to: Annotated[Path, Parameter(help=say("load.help_to"))] = Path(),
    only: Annotated[bool, Parameter(negative="", help=say("load.help_only"))] = False,
    dataset: Annotated[str | None, Parameter(name="--as", help=say("load.help_as"))] = None,
    edition: Annotated[str | None, Parameter(help=say("load.help_edition"))] = None,
    warehouse: WarehouseDir = None,
    as_json: AsJson = False,
) -> None:
    """Download a file with its checksum and load it."""
    about = source(source_name).ABOUT
    options = accepted(source_name, {"edition": edition})
    name, address = chosen(about, file, url)
    checksum = sha256 or (about.checksums or {}).get(name)
    with progress() as move:
        path = download(
            address,
            to,
            name=name,
            sha256=checksum,
            progress=lambda what, share: move(say("load.fetching", name=what), share),
        )
    with path.open("rb") as opened:
        found = hashlib.file_digest(opened, "sha256").hexdigest()
    if not as_json:
        line = say(
            "load.fetched", name=path, size=f"{path.stat().st_size / 1e6:,.1f}", sha256=found
        )
        print_line(line, out=error_console())
    if only:
        if as_json:
            print_json({"file": path, "sha256": found, "url": address})
        return
    with progress() as move:
        report = load_into(
            source_name,
            [path],
            warehouse or default_folder(),
            dataset=dataset,
            progress=move,
            **options,
        )
    show(report, as_json=as_json)


def chosen(about: About, file: str | None, url: str | None) -> tuple[str, str]:
    """The file's name and address: the one given, else the publisher's.

    Raises:
        InputError: no address is known, or there are several files and none is named.
    """
    if url is not None:
        return file or name_in(url), url
    files = about.files or {}
    if not files:
        raise InputError("sources.no_file_to_fetch", name=about.name, page=about.page)
    if file is None and len(files) == 1:
        return next(iter(files.items()))
    if file not in files:
        raise InputError("sources.which_file", name=about.name, files=enumerated(files))
    return file, files[file]
