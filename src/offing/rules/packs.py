"""Rule packs: a folder of rule files for which a manifest vouches.

``manifest.toml`` names the pack, its version, the day it was made on and the SHA-256 of every rule
file.
"""

import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import Field

from offing.rules.regime_file import FileTable, read_checked
from offing.terms.errors import InputError, Where

MANIFEST = "manifest.toml"


class PackKeys(FileTable):
    """``[pack]``: what it is."""

    name: Annotated[str, Field(min_length=1)]
    version: Annotated[str, Field(min_length=1)]
    made: date


class FileKeys(FileTable):
    """``[[file]]``: a rule file of the folder itself, and its hash."""

    name: Annotated[str, Field(pattern=r"^[^/\\]+\.toml$")]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class ManifestFile(FileTable):
    """A whole manifest."""

    pack: PackKeys
    file: Annotated[list[FileKeys], Field(min_length=1)]


@dataclass(frozen=True)
class Pack:
    """A pack of which every file is as its maker left it.

    Its maker's words are ``name`` and ``version``; the files are in the manifest's order.
    """

    folder: Path
    name: str
    version: str
    made: date
    files: tuple[Path, ...]


def read_pack(folder: Path) -> Pack:
    """The pack in a folder.

    Raises:
        InputError: ``rules.pack_no_manifest``; ``rules.pack_missing``, ``rules.pack_changed`` and
            ``rules.pack_unlisted`` with the file.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise InputError("rules.pack_no_manifest", where=Where(folder), folder=folder)
    manifest = read_checked(path, ManifestFile)
    for entry in manifest.file:
        file = folder / entry.name
        if not file.is_file():
            raise InputError("rules.pack_missing", where=Where(file), name=entry.name)
        if _sha256(file) != entry.sha256:
            raise InputError("rules.pack_changed", where=Where(file), name=entry.name)
    listed = tuple(folder / entry.name for entry in manifest.file)
    for file in sorted(set(_rule_files(folder)) - set(listed)):
        raise InputError("rules.pack_unlisted", where=Where(file), name=file.name)
    about = manifest.pack
    return Pack(folder, about.name, about.version, about.made, listed)


def seal(folder: Path, on: date) -> Pack:
    """Write the manifest of a folder's rule files.

    Name and version stay where there is a manifest already; else they are the folder's name and
    the day.

    Raises:
        InputError: ``rules.pack_empty``, or an old manifest that cannot be used.
    """
    files = _rule_files(folder)
    if not files:
        raise InputError("rules.pack_empty", where=Where(folder), folder=folder)
    path = folder / MANIFEST
    old = read_checked(path, ManifestFile).pack if path.is_file() else None
    name, version = (old.name, old.version) if old else (folder.resolve().name, f"{on}")
    text = f"[pack]\nname = {_toml_string(name)}\nversion = {_toml_string(version)}\nmade = {on}\n"
    for file in files:
        text += f'\n[[file]]\nname = {_toml_string(file.name)}\nsha256 = "{_sha256(file)}"\n'
    path.write_text(text, encoding="utf-8", newline="\n")
    return read_pack(folder)


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _rule_files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.glob("*.toml") if file.name != MANIFEST)


def _toml_string(text: str) -> str:
    """A TOML string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
