"""A folder of rule files, sealed: as its maker left it, or refused by name."""

import hashlib
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from offing.rules.packs import MANIFEST, read_pack, seal
from offing.terms.errors import InputError

DAY = date(2026, 10, 30)
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


def refused(pack: Path) -> str:
    with pytest.raises(InputError) as error:
        read_pack(pack)
    return error.value.key


def test_a_pack_is_its_files_and_their_hashes(pack: Path) -> None:
    assert refused(pack) == "rules.pack_no_manifest"
    made = seal(pack, DAY)
    assert (made.name, made.version, made.made) == ("bureau-2026", "2026-10-30", DAY)
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
