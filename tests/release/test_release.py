"""A release is cut and built: the list of changes, the version's places, the same bytes twice."""

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tools import release
from tools.release import ReleaseError

pytestmark = [pytest.mark.proof, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
DAY = date(2026, 11, 26)
LOG = "# Changes\n\n## Unreleased\n\n* New.\n* Newer.\n\n## 0.1.0 (2026-01-02)\n\n* Old.\n"


class TestCut:
    def test_what_was_unreleased_is_the_version_s(self) -> None:
        cut = release.cut_changelog(LOG, "0.2.0", DAY)
        assert release.notes(cut, "0.2.0") == "* New.\n* Newer.\n"
        assert release.notes(cut, "0.1.0") == "* Old.\n"
        assert cut.index("## Unreleased") < cut.index("## 0.2.0 (2026-11-26)")

    def test_nothing_is_cut_twice(self) -> None:
        cut = release.cut_changelog(LOG, "0.2.0", DAY)
        with pytest.raises(ReleaseError, match="nothing under"):
            release.cut_changelog(cut, "0.3.0", DAY)
        with pytest.raises(ReleaseError, match=r"section 0\.1\.0"):
            release.cut_changelog(LOG, "0.1.0", DAY)
        with pytest.raises(ReleaseError, match="cut it first"):
            release.notes(LOG, "0.2.0")

    def test_every_place_has_the_version(self, tmp_path: Path) -> None:
        for name in (*release.PLACES, "CHANGELOG.md"):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tmp_path / name)
        (tmp_path / "CHANGELOG.md").write_text(LOG, encoding="utf-8")
        release.cut(tmp_path, "9.2.0", DAY)
        assert release.current(tmp_path) == "9.2.0"
        assert '__version__ = "9.2.0"' in (tmp_path / "src/offing/__init__.py").read_text()
        citation = (tmp_path / "CITATION.cff").read_text()
        assert "version: 9.2.0\n" in citation
        assert citation.startswith("cff-version: 1.2.0\n")
        assert "date-released: 2026-11-26\n" in citation
        with pytest.raises(ReleaseError, match="not later"):
            release.cut(tmp_path, "9.1.9", DAY)
        with pytest.raises(ReleaseError, match="no version such as"):
            release.cut(tmp_path, "9.3", DAY)

    def test_the_project_has_one_version(self) -> None:
        version = release.current(ROOT)
        for name in release.PLACES:
            assert version in (ROOT / name).read_text(encoding="utf-8"), name


@pytest.fixture
def built_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first build stands for the second too: that they are the same, ``built`` has shown."""
    original = release._built
    made: list[Path] = []

    def once(*given: Any) -> list[Path]:
        made.extend([] if made else original(*given))
        return made

    monkeypatch.setattr(release, "_built", once)


class TestBuild:
    @pytest.mark.usefixtures("built_once")
    def test_two_builds_are_the_same_and_have_the_commit_s_time(
        self, copy: Path, built: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        source, wheel = sorted(built, key=lambda file: file.suffix)
        assert (source.suffix, wheel.suffix) == (".gz", ".whl")
        told = release.git(copy, "show", "-s", "--format=%ct", "HEAD").decode().strip()
        with tarfile.open(source) as packed:
            assert {member.mtime for member in packed} == {int(told)}
        monkeypatch.setenv("SOURCE_DATE_EPOCH", "1600000000")
        for file in release.archives(copy, tmp_path):
            assert file.read_bytes() != next(f for f in built if f.name == file.name).read_bytes()

    def test_a_build_that_differs_is_none(
        self, copy: Path, built: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What was built already stands for both builds, with one byte more in the second."""

        def again(tree: bytes, folder: Path, umask: int, around: dict[str, str]) -> list[Path]:
            folder.mkdir(parents=True)
            files = [Path(shutil.copy(file, folder)) for file in built]
            if folder.parent.name == "1" and differs:
                files[0].write_bytes(files[0].read_bytes() + b"\0")
            return files

        monkeypatch.setattr(release, "_built", again)
        differs = False
        assert len(release.archives(copy, tmp_path)) == 2
        differs = True
        with pytest.raises(ReleaseError, match="two builds differ"):
            release.archives(copy, tmp_path)

    def test_the_archive_has_all_that_a_clone_has(self, copy: Path, built: list[Path]) -> None:
        source = next(file for file in built if file.suffix == ".gz")
        with tarfile.open(source) as packed:
            inside = {name.partition("/")[2] for name in packed.getnames()}
        tracked = set(release.git(copy, "ls-files").decode("utf-8").splitlines())
        missing = {name for name in tracked - inside if '"' not in name}
        assert missing == set()

    def test_a_wheel_of_the_archive_is_the_wheel(self, built: list[Path], tmp_path: Path) -> None:
        """Who builds from the source archive gets the same files."""
        source = next(file for file in built if file.suffix == ".gz")
        with tarfile.open(source) as packed:
            packed.extractall(tmp_path, filter="data")
        (top,) = tmp_path.iterdir()
        subprocess.run(
            [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", "dist"],
            cwd=top, check=True, capture_output=True, env=os.environ,
        )  # fmt: skip
        (mine,) = (top / "dist").iterdir()
        wheel = next(file for file in built if file.suffix == ".whl")
        with zipfile.ZipFile(mine) as one, zipfile.ZipFile(wheel) as other:
            assert {i.filename: i.CRC for i in one.infolist()} == {
                i.filename: i.CRC for i in other.infolist()
            }
