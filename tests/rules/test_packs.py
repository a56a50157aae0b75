"""A folder of rule files, sealed and signed: as its maker left it, or refused by name."""

import hashlib
import hmac
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from offing.rules.packs import LEAST_KEY, MANIFEST, SIGNATURE, read_pack, seal
from offing.terms.errors import InputError

DAY, SECRET = date(2026, 10, 30), b"0123456789abcdef"
REFUND = """[reform]
name = "our bureau's"

[[rate]]
id = "chn.refund.battery"
value = "3%"
since = 2026-01-01
"""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    folder = tmp_path / "bureau-2026"
    folder.mkdir()
    for name in ("bureau", "more"):
        (folder / f"{name}.toml").write_text(REFUND, encoding="utf-8")
    return folder


def key_of(folder: Path, secret: bytes = SECRET) -> Path:
    file = folder / f"{len(secret)}.key"
    file.write_bytes(secret + b"\n")
    return file


def refused(pack: Path, key: Path | None = None) -> str:
    with pytest.raises(InputError) as error:
        read_pack(pack, key)
    return error.value.key


def test_a_pack_is_its_files_and_their_hashes(pack: Path) -> None:
    assert refused(pack) == "rules.pack_no_manifest"
    made = seal(pack, DAY)
    assert (made.name, made.version, made.made, made.signed) == (
        "bureau-2026", "2026-10-30", DAY, False,
    )  # fmt: skip
    assert made.files == (pack / "bureau.toml", pack / "more.toml")
    assert hashlib.sha256(REFUND.encode()).hexdigest() in (pack / MANIFEST).read_text()
    manifest = pack / MANIFEST
    manifest.write_text(
        manifest.read_text().replace('"2026-10-30"', '"3"').replace("bureau-2026", "b")
    )
    again = seal(pack, date(2026, 11, 2))
    assert (again.name, again.version, again.made) == ("b", "3", date(2026, 11, 2)), (
        "its words stay"
    )
    (pack / "bureau.toml").unlink()
    (pack / "more.toml").unlink()
    with pytest.raises(InputError) as error:
        seal(pack, DAY)
    assert error.value.key == "rules.pack_empty"


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (lambda file: file.write_text(file.read_text() + "#\n"), "rules.pack_changed"),
        (lambda file: file.unlink(), "rules.pack_missing"),
        (lambda file: file.with_stem("other").write_text(REFUND), "rules.pack_unlisted"),
    ],
)
def test_a_file_changed_taken_or_put_in_is_refused(
    pack: Path, change: Callable[[Path], object], key: str
) -> None:
    seal(pack, DAY)
    change(pack / "bureau.toml")
    assert refused(pack) == key


def test_is_signed_by_the_key_that_its_users_chose(pack: Path, tmp_path: Path) -> None:
    key = key_of(tmp_path)
    assert seal(pack, DAY, key).signed
    told = (pack / SIGNATURE).read_text().strip()
    assert told == hmac.new(SECRET, (pack / MANIFEST).read_bytes(), "sha256").hexdigest()
    assert read_pack(pack, key).signed
    assert refused(pack) == "rules.pack_key_needed"
    assert refused(pack, key_of(tmp_path, b"another key of many bytes")) == (
        "rules.pack_bad_signature"
    )
    assert refused(pack, key_of(tmp_path, SECRET[1:])) == "rules.bad_key", f"{LEAST_KEY} bytes"
    assert refused(pack, tmp_path / "no.key") == "rules.bad_key"
    assert not seal(pack, DAY).signed
    assert refused(pack, key) == "rules.pack_unsigned"
