"""Rule packs: a folder of rule files for which a manifest vouches.

``manifest.toml`` names the pack, its version, the day it was made on and the SHA-256 of every rule
file. A pack may be signed by a key that its users share: ``manifest.sig`` is the HMAC-SHA256 of the
manifest (RFC 2104) under the bytes of the key's file. Hashes alone show damage, a signature also
shows who made it.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import Field

from offing.rules.regime_file import FileTable, read_checked
from offing.terms.errors import InputError, Where

MANIFEST, SIGNATURE = "manifest.toml", "manifest.sig"
LEAST_KEY = 16
"""Bytes of a key; a shorter one could be guessed."""


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

    Its maker's words are ``name`` and ``version``; the files are in the manifest's order;
    ``signed`` says whether the signature was checked.
    """

    folder: Path
    name: str
    version: str
    made: date
    files: tuple[Path, ...]
    signed: bool


def read_pack(folder: Path, key: Path | None = None) -> Pack:
    """The pack in a folder.

    It must be signed with ``key``, where one is named.

    Raises:
        InputError: ``rules.pack_no_manifest``; ``rules.pack_missing``, ``rules.pack_changed`` and
            ``rules.pack_unlisted`` with the file; ``rules.pack_unsigned``,
            ``rules.pack_key_needed`` and ``rules.pack_bad_signature``.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise InputError("rules.pack_no_manifest", where=Where(folder), folder=folder)
    _check_signature(folder, key)
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
    return Pack(folder, about.name, about.version, about.made, listed, key is not None)


def seal(folder: Path, on: date, key: Path | None = None) -> Pack:
    """Write the manifest of a folder's rule files, and its signature where there is a key.

    Name and version stay where there is a manifest already; else they are the folder's name and
    the day.

    Raises:
        InputError: ``rules.pack_empty``, or a key or an old manifest that cannot be used.
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
    secret = None if key is None else _secret(key)
    path.write_text(text, encoding="utf-8", newline="\n")
    signature = folder / SIGNATURE
    if secret is None:
        signature.unlink(missing_ok=True)
    else:
        signature.write_text(_sign(path, secret) + "\n", encoding="ascii", newline="\n")
    return read_pack(folder, key)


def _check_signature(folder: Path, key: Path | None) -> None:
    signature = folder / SIGNATURE
    where = Where(signature)
    if key is None:
        if signature.exists():
            raise InputError("rules.pack_key_needed", where=where, folder=folder)
        return
    secret = _secret(key)
    if not signature.is_file():
        raise InputError("rules.pack_unsigned", where=where, folder=folder)
    digest = signature.read_bytes().strip()
    if not hmac.compare_digest(digest, _sign(folder / MANIFEST, secret).encode()):
        raise InputError("rules.pack_bad_signature", where=where, key=key)


def _secret(key: Path) -> bytes:
    secret = key.read_bytes().strip() if key.is_file() else b""
    if len(secret) < LEAST_KEY:
        raise InputError("rules.bad_key", where=Where(key), key=key, least=LEAST_KEY)
    return secret


def _sign(manifest: Path, secret: bytes) -> str:
    return hmac.new(secret, manifest.read_bytes(), hashlib.sha256).hexdigest()


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _rule_files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.glob("*.toml") if file.name != MANIFEST)


def _toml_string(text: str) -> str:
    """A TOML string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
