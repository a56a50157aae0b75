"""The start files: they install from the folder of wheels beside them and start, wherever they lie.

The dependencies stand in a folder of their own that the new environment sees, so only offing's own
wheel is installed here; ``make wheelhouse`` checks the whole.
"""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from tools import wheelhouse

ROOT = Path(__file__).resolve().parents[2]
START = ROOT / "tools" / "start"
INSTALLING = "Installing once"
pytestmark = [
    pytest.mark.proof,
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell"),
]


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python whose new environments see the packages of this one, without offing."""
    folder = tmp_path_factory.mktemp("python")
    (folder / "packages").mkdir()
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if "offing" not in entry.name and entry.suffix != ".pth":
            (folder / "packages" / entry.name).symlink_to(entry)
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    own = "--without-pip" if (folder / "packages" / "pip").exists() else ""
    program = folder / "python"
    program.write_text(
        f'#!/bin/sh\n[ "$1 $2" = "-m venv" ] || exec "{sys.executable}" "$@"\n'
        f'"{sys.executable}" -m venv {own} "$3" || exit\n'
        f'echo "{folder / "packages"}" > "$3/lib/{name}/site-packages/packages.pth"\n'
    )
    program.chmod(0o755)
    return program


@pytest.fixture
def folder(tmp_path: Path, wheel: Path) -> Path:
    """What ``make wheelhouse`` makes, with one wheel, under a path such as people have."""
    place = tmp_path / "我的 文件" / "offing (1) & more"
    (place / "wheels").mkdir(parents=True)
    shutil.copy(wheel, place / "wheels")
    wheelhouse.started(place, "")
    return place


def start(
    folder: Path, python: Path | str, *line: str, path: str | None = None
) -> tuple[int, str, str]:
    env = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "PIP"))}
    env |= {"OFFING_PYTHON": str(python), "PIP_NO_INDEX": "1", "LC_ALL": "C.UTF-8",
            "HOME": str(folder.parent), "OFFING_WAREHOUSE": str(folder / "none")}  # fmt: skip
    done = subprocess.run(
        ["/bin/sh", folder / "offing.command", *line], cwd=folder.parent,
        env=env | ({"PATH": path} if path else {}),
        capture_output=True, encoding="utf-8", stdin=subprocess.DEVNULL, check=False, timeout=300,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


@pytest.mark.slow
def test_it_installs_once_and_starts_wherever_it_is_moved(folder: Path, python: Path) -> None:
    code, told, said = start(folder, python, "sources", "--json")
    assert code == 0, said
    assert INSTALLING in said
    assert '"starter": true' in told
    moved = folder.rename(folder.parent / "搬 走")
    again = start(moved, python, "sources", "--json")
    assert again[0] == 0, again[2]
    assert INSTALLING not in again[2]
    with (moved / "install.txt").open("a") as file:
        file.write("# another release\n")
    assert INSTALLING in start(moved, python, "sources")[2]


@pytest.fixture
def recorded(folder: Path) -> Path:
    """A folder that is installed already, with a Python that only notes what it is asked."""
    place = folder / ".offing" / "bin"
    place.mkdir(parents=True)
    log = folder / "asked"
    (place / "python").write_text(
        f'#!/bin/sh\n[ "$1" = -c ] && exit\npwd >"{log}"\nprintf "%s\\n" "$@" >>"{log}"\n'
    )
    (place / "python").chmod(0o755)
    (wheel,) = (folder / "wheels").iterdir()
    stamp = subprocess.run(
        ["cksum"], input=wheel.read_bytes() + (folder / "install.txt").read_bytes(),
        capture_output=True, check=True,
    )  # fmt: skip
    (folder / ".offing" / "installed").write_bytes(stamp.stdout)
    return log


def test_without_words_it_serves_from_its_own_folder(folder: Path, recorded: Path) -> None:
    code, _, said = start(folder, "none")
    assert (code, said) == (0, "")
    assert recorded.read_text(encoding="utf-8").splitlines() == [
        str(folder), "-m", "offing", "serve",
    ]  # fmt: skip


class TestBatch:
    """Windows is not here: what can be checked of the file without it."""

    TEXT = (START / "offing.bat").read_bytes()

    def test_every_label_is_there_and_used(self) -> None:
        text = self.TEXT.decode("ascii")
        labels = set(re.findall(r"(?m)^:(\w+)", text))
        used = set(re.findall(r"\bgoto (\w+)|\bcall :(\w+)", text))
        jumps = {one or other for one, other in used}
        assert jumps <= labels
        assert labels - jumps == {"stopped"} - jumps

    def test_paths_stand_in_quotes_and_outside_of_brackets(self) -> None:
        """A bracket in a path, as of Program Files (x86), would end a block early."""
        for line in self.TEXT.decode("ascii").splitlines():
            if not line.startswith("rem "):
                bare = re.sub(r'"[^"]*"', "", line)
                assert not re.search(r"%(HERE|WHEELS|PLACE)%", bare), line
                assert not re.search(r"\b(if|else)\b.*\($", bare), line


def test_the_folder_has_all_that_a_start_needs(folder: Path) -> None:
    assert {file.name for file in folder.iterdir()} == {
        "README.txt", "install.txt", "offing.bat", "offing.command", "wheels",
    }  # fmt: skip
    assert os.access(folder / "offing.command", os.X_OK)
    note = (folder / "README.txt").read_bytes()
    assert note.startswith(b"\xef\xbb\xbf"), "any editor of Windows sees that it is UTF-8"
    assert note.count(b"\n") == note.count(b"\r\n") > 10
    pinned = (ROOT / "requirements" / "run.txt").read_text(encoding="utf-8")
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert {"report", "gravity"} <= set(wheelhouse.extras(project, pinned))
    assert wheelhouse.extras(project, "") == []
