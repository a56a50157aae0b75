"""Downloads from a server that is well, slow to finish, changing, lying or gone."""

import gzip
import hashlib
import io
import socket
import stat
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from offing.sources import archive, fetching
from offing.sources.archive import files_given
from offing.sources.fetching import fetch, safe_name
from offing.terms.errors import InputError, OffingError, StorageError

BODY = bytes(range(256)) * 4000


@dataclass
class Manners:
    """How the server behaves."""

    body: bytes = BODY
    etag: str | None = '"one"'
    break_after: list[int] = field(default_factory=list)
    ranges: bool = True
    status: int = 200
    asked: list[str | None] = field(default_factory=list)
    length: bool = True
    obeys: bool = True
    redirect: str | None = None
    drip: float = 0.0


@contextmanager
def serving(manners: Manners) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = self.headers.get("Range")
            manners.asked.append(asked)
            if manners.status != 200:
                self.send_error(manners.status)
                return
            start = 0
            fits = not manners.obeys or self.headers.get("If-Range") in (None, manners.etag)
            if manners.redirect and "sent" not in self.path:
                self.send_response(302)
                self.send_header("Location", manners.redirect)
                self.end_headers()
                return
            if asked and manners.ranges and fits:
                start = int(asked.removeprefix("bytes=").removesuffix("-"))
                self.send_response(206)
                total = len(manners.body)
                self.send_header("Content-Range", f"bytes {start}-{total - 1}/{total}")
            else:
                self.send_response(200)
            rest = manners.body[start:]
            if manners.length:
                self.send_header("Content-Length", str(len(rest)))
            if manners.etag:
                self.send_header("ETag", manners.etag)
            self.end_headers()
            if manners.drip:
                for at in range(20):
                    self.wfile.write(rest[at : at + 1])
                    self.wfile.flush()
                    time.sleep(manners.drip)
                self.connection.shutdown(socket.SHUT_RDWR)
            elif manners.break_after:
                self.wfile.write(rest[: manners.break_after.pop(0)])
                self.connection.shutdown(socket.SHUT_RDWR)
            else:
                self.wfile.write(rest)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/data/file.zip"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_broken_download_goes_on_where_it_was(tmp_path: Path) -> None:
    manners = Manners(break_after=[300_000, 200_000])
    with serving(manners) as url:
        path = fetch(url, tmp_path, pause=0)
    assert path.read_bytes() == BODY
    assert manners.asked == [None, "bytes=300000-", "bytes=500000-"]


def test_a_file_that_changed_meanwhile_is_begun_anew(tmp_path: Path) -> None:
    manners = Manners(break_after=[100_000, 0, 0])
    with serving(manners) as url:
        with pytest.raises(StorageError):
            fetch(url, tmp_path, pause=0)
        manners.body, manners.etag = b"new" * 100_000, '"two"'
        assert fetch(url, tmp_path, pause=0).read_bytes() == manners.body


def test_a_wrong_checksum_leaves_nothing(tmp_path: Path) -> None:
    old = tmp_path / "file.zip"
    old.write_bytes(b"old")
    with serving(Manners()) as url, pytest.raises(InputError) as error:
        fetch(url, tmp_path, sha256="0" * 64)
    assert error.value.key == "sources.wrong_checksum"
    assert [item.name for item in tmp_path.iterdir()] == ["file.zip"]
    assert old.read_bytes() == b"old"


@pytest.mark.parametrize(("status", "key"), [(404, "sources.not_there"), (500, "sources.refused")])
def test_answers_that_are_no_file(tmp_path: Path, status: int, key: str) -> None:
    with serving(Manners(status=status)) as url, pytest.raises((InputError, StorageError)) as error:
        fetch(url, tmp_path)
    assert error.value.key == key
    assert str(status) in str(error.value)


def test_a_piece_of_another_version_is_never_joined(tmp_path: Path) -> None:
    """The server ignores If-Range and sends 206 with another ETag: begun anew, never mixed."""
    manners = Manners(break_after=[100_000, 0, 0])
    with serving(manners) as url:
        with pytest.raises(StorageError):
            fetch(url, tmp_path, pause=0)
        manners.body, manners.etag, manners.obeys = b"n" * len(BODY), '"two"', False
        assert fetch(url, tmp_path, pause=0).read_bytes() == manners.body


@pytest.mark.parametrize(
    "name", ["../x", "a/b", "..", "", "c:x", "con.zip", "a\\b", "x\n", " x", "y" * 300, "/etc/x"]
)
def test_names_that_lead_elsewhere(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        safe_name(name)
    assert error.value.key == "sources.bad_name"
    if name:
        with serving(Manners()) as url, pytest.raises(InputError):
            fetch(url, tmp_path / "in", name=name)
        assert [item.name for item in tmp_path.rglob("*") if item.is_file()] == []


@pytest.mark.parametrize("other", ["ftp://127.0.0.1/x", "file:///etc/passwd"])
def test_being_sent_out_of_the_web_is_not_followed(other: str, tmp_path: Path) -> None:
    with serving(Manners(redirect=other)) as url, pytest.raises(StorageError) as error:
        fetch(url, tmp_path, pause=0)
    assert error.value.key in ("sources.sent_elsewhere", "sources.refused")
    assert list(tmp_path.iterdir()) == []


def test_a_body_of_no_stated_length_proves_itself(tmp_path: Path) -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("x.csv", "1,2\n" * 9000)
    whole = held.getvalue()
    with serving(Manners(body=whole, length=False)) as url:
        assert fetch(url, tmp_path, pause=0).read_bytes() == whole
        with pytest.raises(StorageError) as error:
            fetch(url, tmp_path, name="x.csv", pause=0)
        assert error.value.key == "sources.no_length"
        digest = hashlib.sha256(whole).hexdigest()
        assert fetch(url, tmp_path, name="x.csv", sha256=digest).read_bytes() == whole
    with serving(Manners(body=whole[:-40], length=False)) as url:
        with pytest.raises(StorageError) as error:
            fetch(url, tmp_path, name="cut.zip", pause=0)
        assert error.value.key == "sources.broken_archive"
    assert not list(tmp_path.glob("cut*"))


def test_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "LARGEST", 1000)
    with serving(Manners()) as url, pytest.raises(StorageError) as error:
        fetch(url, tmp_path, pause=0)
    assert error.value.key == "sources.too_large"


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
