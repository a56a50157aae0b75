"""Archives that are damaged, locked, hostile or fine."""

import gzip
import stat
import zipfile
from pathlib import Path

import pytest

from offing.sources import archive
from offing.sources.archive import files_given
from offing.terms.errors import OffingError


def make_zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in members.items():
            made.writestr(name, data)
    return path


def key_of(path: Path, folder: Path) -> str:
    with pytest.raises(OffingError) as error:
        list(files_given([path], folder))
    return error.value.key


@pytest.mark.parametrize("name", ["../up.csv", "..\\up.csv"])
def test_paths_that_climb_out_are_refused(tmp_path: Path, name: str) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    assert key_of(make_zip(tmp_path / "a.zip", {name: b"1"}), inside) == "sources.climbs_out"
    assert list(inside.iterdir()) == []


def test_a_link_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as made:
        item = zipfile.ZipInfo("link.csv")
        item.external_attr = (stat.S_IFLNK | 0o777) << 16
        made.writestr(item, "/etc/passwd")
    assert key_of(path, tmp_path) == "sources.climbs_out"


def test_a_bomb_is_refused_before_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A zip that says that it unpacks to 100 GB, and a gzip that does not say what it does."""
    monkeypatch.setattr(archive, "FREE", 1000)
    small = make_zip(tmp_path / "a.zip", {"a.csv": b"0" * 1_000_000})
    assert key_of(small, tmp_path) == "sources.unpacks_too_large"
    assert not (tmp_path / "unpacked").exists()
    packed = tmp_path / "a.csv.gz"
    packed.write_bytes(gzip.compress(b"0" * 5_000_000))
    assert key_of(packed, tmp_path) == "sources.unpacks_too_large"
    assert not (tmp_path / "unpacked").exists()


def test_a_zip_that_lies_about_its_size_is_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "FREE", 1000)
    path = make_zip(tmp_path / "a.zip", {"a.csv": b"0" * 1_000_000})
    data = path.read_bytes().replace((1_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    path.write_bytes(data)
    assert key_of(path, tmp_path) in ("sources.unpacks_too_large", "sources.bad_archive")


def test_damaged_and_locked_archives(tmp_path: Path) -> None:
    whole = make_zip(tmp_path / "a.zip", {"a.csv": bytes(range(256)) * 400})
    cut = tmp_path / "cut.zip"
    cut.write_bytes(whole.read_bytes()[:200])
    assert key_of(cut, tmp_path) == "sources.bad_archive"
    packed = tmp_path / "cut.csv.gz"
    packed.write_bytes(gzip.compress(bytes(range(256)) * 400)[:100])
    assert key_of(packed, tmp_path) == "sources.bad_archive"
    locked = bytearray(whole.read_bytes())
    locked[6] |= 1  # the flag in the member's own header, and in the directory
    locked[locked.rindex(b"PK\x01\x02") + 8] |= 1
    path = tmp_path / "locked.zip"
    path.write_bytes(bytes(locked))
    assert key_of(path, tmp_path) == "sources.locked_archive"
    nothing = make_zip(tmp_path / "none.zip", {"read.me": b"x"})
    assert key_of(nothing, tmp_path) == "sources.empty_archive"
