"""A pack (数据包): of a publisher's zip of world trade, the headings of one firm's goods alone.

BACI is some hundred megabytes to a gigabyte; a study needs its own headings of it. A pack has the
publisher's layout, release and file names, so that ``offing load baci PACK`` reads it as any other,
and it can be carried on a stick. What it was cut from stands in it, with its checksum.
"""

import hashlib
import tempfile
import zipfile
from collections.abc import Collection
from pathlib import Path

import polars as pl

from offing.sources.archive import files_given
from offing.sources.headings import official
from offing.sources.rows import open_table
from offing.sources.staging import Progress, Staging, silent
from offing.terms.errors import InputError, Where, disk_said
from offing.terms.messages import join_list

README = "ABOUT-THIS-PACK.md"
"""No table: a load passes it over."""
EPOCH = (2000, 1, 1, 0, 0, 0)
"""Of every member, so that the same cut has the same bytes."""


def name_of(archive: str, headings: Collection[str]) -> str:
    """The name of a pack.

    >>> name_of("BACI_HS17_V202601.zip", ["8528", "8507"])
    'BACI_HS17_V202601-8507-8528.zip'
    """
    named = sorted(headings)
    told = "-".join(named) if len(named) <= 6 else f"{named[0]}-and-{len(named) - 1}-more"
    return f"{archive.removesuffix('.zip')}-{told}.zip"


def cut(
    archive: Path,
    headings: Collection[str],
    folder: Path,
    *,
    source: str = "",
    progress: Progress = silent,
) -> Path:
    """Write the pack of some headings beside a folder's other files, whole or not at all.

    Args:
        archive: the publisher's zip, or a folder of its files.
        headings: of four digits.
        folder: where the pack is put.
        source: the address that the archive came from.
        progress: told each file and how far the work is.

    Raises:
        InputError: ``sources.none_of_headings`` where no row is of them, or as a load of BACI.
        StorageError: the disk refuses.
    """
    target = folder / name_of(archive.name, headings)
    with (
        disk_said("sources.disk", target),
        tempfile.TemporaryDirectory(dir=folder, prefix=".pack-") as place,
    ):
        made = Path(place) / target.name
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as pack:
            rows = _members(archive, headings, Path(place), pack, progress)
            if not rows:
                found = join_list(sorted(headings))
                raise InputError("sources.none_of_headings", where=Where(archive), headings=found)
            _write_member(pack, README, _about(archive, headings, source, rows))
        made.replace(target)
    return target


def _members(
    archive: Path, headings: Collection[str], place: Path, pack: zipfile.ZipFile, progress: Progress
) -> int:
    """Every table of the archive, its rows of trade cut; how many rows are left."""
    count = 0
    for file in files_given([archive], place):
        if not file.name.lower().endswith(".csv"):
            continue
        if file.name.lower().startswith(("country_codes", "product_codes")):
            _write_member(pack, file.name, file.path.read_bytes())
            continue
        # what a row has wrong is said when the pack is loaded
        opened, layout, pieces = open_table(file, Staging(place)), official("baci"), []
        opened.find(layout)
        for piece in opened.pieces():
            heading = pl.col("k").str.zfill(6).str.slice(0, 4)
            pieces.append(piece.filter(heading.is_in([*headings])).select(*layout.names))
            start, end = file.span
            progress(file.name, start + (end - start) * opened.share)
        kept = pl.concat(pieces)
        count += kept.height
        _write_member(pack, file.name, kept.write_csv().encode())
    return count


def _write_member(pack: zipfile.ZipFile, name: str, content: bytes) -> None:
    pack.writestr(zipfile.ZipInfo(name, EPOCH), content, zipfile.ZIP_DEFLATED)


def _about(archive: Path, headings: Collection[str], source: str, rows: int) -> bytes:
    """What the pack was cut from; in English, as the publisher's own papers are."""
    with archive.open("rb") as file:
        checksum = hashlib.file_digest(file, "sha256").hexdigest()
    return (
        f"# Headings {', '.join(sorted(headings))} of {archive.name}\n\n"
        "BACI, CEPII (Gaulier and Zignago 2010), Etalab Open Licence 2.0: name CEPII as the source."
        f"\nCut by offing: all countries and years, {rows:,} rows, figures unchanged.\n\n"
        f"* from: {source or archive.name}\n* sha256 of the whole: {checksum}\n"
        "* load it: `offing load baci` with this file\n"
    ).encode()
