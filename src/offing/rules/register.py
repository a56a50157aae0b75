"""The register of the rulebook: how well each importer's rules are known, how many looked at.

How old a rule is, and for how long a look at its document is trusted.

Age is the day of the answer less the last day on which somebody looked at the document: never the
machine's clock, and never the day since which the rule holds, for an old rate that still holds is
not old. How long a look is trusted goes by the country and the kind, in ``ages.toml``.

Rule packs: a folder of rule files for which a manifest vouches.

``manifest.toml`` names the pack, its version, the day it was made on and the SHA-256 of every rule
file. A pack may be signed by a key that its users share: ``manifest.sig`` is the HMAC-SHA256 of the
manifest (RFC 2104) under the bytes of the key's file. Hashes alone show damage, a signature also
shows who made it.
"""

import hashlib
import hmac
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, get_args

from pydantic import Field

from offing.rules.regime_file import FileTable, read_checked
from offing.rules.rule_use import RuleUse, Status
from offing.rules.rulebook import Rulebook
from offing.terms.caution import Caution, Value
from offing.terms.errors import InputError, Where
from offing.terms.files import shipped_toml


@cache
def _table(name: str) -> Mapping[str, object]:
    table: dict[str, object] = shipped_toml("offing.rules", "ages.toml")[name]
    return dict(sorted(table.items(), key=lambda item: -len(item[0])))


def _of(name: str, id_: str) -> object:
    return next(value for begin, value in _table(name).items() if id_.startswith(begin))


@cache
def horizon_days(id_: str) -> int:
    """For how many days after a look the rule is trusted.

    >>> horizon_days("usa.mpf"), horizon_days("settlement.interest.usd"), horizon_days("jpn.vat")
    (30, 60, 365)
    """
    return int(str(_of("days", id_)))


def keeper(id_: str) -> str:
    """The role that looks after a rule.

    >>> keeper("usa.mpf")
    'customs, North America'
    """
    return str(_of("keepers", id_))


@cache
def version() -> str:
    """The version of the rules that come with offing: the day of their last change."""
    return str(shipped_toml("offing.rules", "changelog.toml")["version"])


@cache
def written_on() -> date:
    """The day of that version: what nobody looked at since was written by then."""
    return date.fromisoformat(version().replace(".", "-"))


def age_days(use: RuleUse, on: date) -> int | None:
    """Days from the last look at the document to the day of the answer, none below 0."""
    return None if use.still_valid_on is None else max(0, (on - use.still_valid_on).days)


def past_horizon(use: RuleUse, on: date) -> bool:
    """Whether a day is beyond what the last look can speak for.

    Where nobody looked since the rule was written, the day of the rules' version speaks for it.
    """
    if use.loaded or use.status == "user":
        return False
    return on > (use.still_valid_on or written_on()) + timedelta(days=horizon_days(use.id))


def ages(uses: Iterable[RuleUse], on: date) -> list[dict[str, object]]:
    """The ages of rules as data."""
    return [
        {
            "rule": use.id,
            "still_valid_on": use.still_valid_on,
            "age_days": age_days(use, on),
            "horizon_days": horizon_days(use.id),
            "past_horizon": past_horizon(use, on),
        }
        for use in uses
    ]


def age_cautions(uses: Iterable[RuleUse], on: date) -> tuple[Caution, ...]:
    """One caution for all rules that are past their horizon on a day; none where no one is."""
    old = [use for use in {use.id: use for use in uses}.values() if past_horizon(use, on)]
    if not old:
        return ()
    looked = min(use.still_valid_on or written_on() for use in old)
    named: dict[str, Value] = {"count": len(old), "day": str(on), "looked": str(looked)}
    return (Caution("rules.warn_aged", named | {"days": str((on - looked).days)}),)


STATUSES = tuple(status for status in get_args(Status) if status != "user")


@dataclass(frozen=True)
class Registered:
    """What is known of one importer.

    Attributes:
        importer: alpha-3, or ``EUR`` for a customs union.
        destinations: alpha-3 of the countries in it.
        currency: of its duties and taxes.
        counts: status → charges and rates that have it.
        cases: worked examples that the rules are checked by.
        since: first day of its earliest charge.
        looked_at: charges and rates whose document was looked at on a day.
        last_look: the latest of these days.
        keeper: the role that looks after them.
    """

    importer: str
    destinations: tuple[str, ...]
    currency: str
    counts: Mapping[str, int]
    cases: int
    since: date | None
    looked_at: int
    last_look: date | None
    keeper: str


def register(book: Rulebook) -> tuple[Registered, ...]:
    """Every importer of a rulebook, by its code."""
    rows = []
    for regime in sorted(book.regimes.values(), key=lambda regime: regime.importer):
        rules = [*regime.charges, *(rate for rate in book.rates if rate.where == regime.where)]
        tally = Counter(rule.status for rule in rules)
        days = [charge.when.since for charge in regime.charges if charge.when.since]
        rows.append(
            Registered(
                regime.importer,
                regime.destinations,
                regime.currency,
                {status: tally[status] for status in STATUSES},
                len(regime.cases),
                min(days, default=None),
                sum(rule.looked_at for rule in rules),
                max((r.still_valid_on for r in rules if r.still_valid_on), default=None),
                keeper(f"{regime.importer.lower()}."),
            )
        )
    return tuple(rows)


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
