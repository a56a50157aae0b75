"""Cut and build a release: ``python -m tools.release cut 0.2.0``, then ``… build`` (make release).

``cut`` turns what CHANGELOG.md has under *Unreleased* into the section of a version, and writes the
version where it stands. ``build`` makes the wheel and the source archive of the last commit, twice,
in two places with another umask, time zone and hash seed, and keeps them only where every byte is
the same; beside them SHA256SUMS and the version's notes. Times inside are those of the commit, or
SOURCE_DATE_EPOCH.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HEADING = "## Unreleased"
PLACES = {
    "pyproject.toml": r'(?m)^(version = ")[^"]+(")',
    "src/offing/__init__.py": r'(?m)^(__version__ = ")[^"]+(")',
    "CITATION.cff": r"(?m)^(version: )\S+()$",
}
"""Where the version stands."""
WAYS: tuple[tuple[int, Mapping[str, str]], ...] = (
    (0o022, {"TZ": "UTC", "PYTHONHASHSEED": "1"}),
    (0o077, {"TZ": "Asia/Shanghai", "PYTHONHASHSEED": "2"}),
)
"""Umask and surroundings of each of the two builds."""


class ReleaseError(Exception):
    """What stands in the way, in one sentence."""


def numbered(version: str) -> tuple[int, ...]:
    """The numbers of a version.

    >>> numbered("0.2.0") > numbered("0.1.9")
    True
    """
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        raise ReleaseError(f"{version!r} is no version such as 0.2.0")
    return tuple(map(int, version.split(".")))


def notes(changelog: str, version: str) -> str:
    """The section of a version, without its heading.

    Raises:
        ReleaseError: there is none.
    """
    section = re.search(rf"(?ms)^## {re.escape(version)} [^\n]*\n(.*?)(?=^## |\Z)", changelog)
    if section is None:
        raise ReleaseError(f"CHANGELOG.md has no section {version}: cut it first")
    return section[1].strip() + "\n"


def cut_changelog(changelog: str, version: str, day: date) -> str:
    """The list of changes with what was unreleased as the section of a version.

    Raises:
        ReleaseError: nothing is unreleased, or the version has a section.
    """
    before, heading, after = changelog.partition(HEADING + "\n")
    if not heading or not after.partition("\n## ")[0].strip():
        raise ReleaseError(f"CHANGELOG.md has nothing under {HEADING!r}")
    if re.search(rf"(?m)^## {re.escape(version)}\b", changelog):
        raise ReleaseError(f"CHANGELOG.md has a section {version} already")
    return f"{before}{HEADING}\n\n## {version} ({day})\n{after}"


def cut(root: Path, version: str, day: date) -> None:
    """Write a version's section and the version itself.

    Raises:
        ReleaseError: the version is no later one, or what :func:`cut_changelog` says.
    """
    if numbered(version) <= numbered(current(root)):
        raise ReleaseError(f"{version} is not later than {current(root)}")
    texts = {name: (root / name).read_text(encoding="utf-8") for name in PLACES}
    log = root / "CHANGELOG.md"
    changed = cut_changelog(log.read_text(encoding="utf-8"), version, day)
    for name, pattern in PLACES.items():
        text, count = re.subn(pattern, rf"\g<1>{version}\g<2>", texts[name])
        if count != 1:
            raise ReleaseError(f"{name} names {count} versions, not one")
        texts[name] = text
    dated = re.sub(r"(?m)^date-released: .*\n", "", texts["CITATION.cff"])
    texts["CITATION.cff"] = f"{dated.rstrip()}\ndate-released: {day}\n"
    for name, text in (*texts.items(), (str(log.relative_to(root)), changed)):
        (root / name).write_text(text, encoding="utf-8")


def current(root: Path) -> str:
    """The version that the project has."""
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    match = re.search(r'(?m)^version = "([^"]+)"', text)
    if match is None:
        raise ReleaseError("pyproject.toml has no version")
    return match[1]


def git(root: Path, *arguments: str) -> bytes:
    """What git says.

    Raises:
        ReleaseError: this is no working copy of git.
    """
    done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, check=False)
    if done.returncode:
        raise ReleaseError(done.stderr.decode(errors="replace").strip() or "git failed")
    return done.stdout


def archives(root: Path, to: Path, commit: str = "HEAD") -> list[Path]:
    """The wheel and the source archive of a commit, the same bytes wherever and whenever built.

    Raises:
        ReleaseError: two builds differ.
    """
    epoch = (
        os.environ.get("SOURCE_DATE_EPOCH")
        or git(root, "show", "-s", "--format=%ct", commit).decode()
    )
    tree = git(root, "archive", "--format=tar", commit)
    with tempfile.TemporaryDirectory(prefix="release-") as home:
        built = [
            _built(tree, Path(home, str(at), "offing"), umask, {**around, "EPOCH": epoch.strip()})
            for at, (umask, around) in enumerate(WAYS)
        ]
        first, second = ({file.name: file.read_bytes() for file in files} for files in built)
        differing = [name for name in first | second if first.get(name) != second.get(name)]
        if differing:
            raise ReleaseError(f"two builds differ: {', '.join(differing)}")
        to.mkdir(parents=True, exist_ok=True)
        return [Path(shutil.copy(file, to / file.name)) for file in built[0]]


def _built(tree: bytes, folder: Path, umask: int, around: Mapping[str, str]) -> list[Path]:
    folder.mkdir(parents=True)
    with tarfile.open(fileobj=BytesIO(tree)) as packed:
        packed.extractall(folder, filter="data")
    environment = os.environ | {"SOURCE_DATE_EPOCH": around["EPOCH"]}
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", "dist"],
        cwd=folder, env=environment | dict(around), umask=umask, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    if done.returncode:
        raise ReleaseError(done.stderr.strip())
    return sorted((folder / "dist").iterdir())


def build(root: Path, to: Path) -> list[Path]:
    """The archives of the last commit, their checksums, and the notes of the version.

    Raises:
        ReleaseError: changes are not committed, the version was not cut, or two builds differ.
    """
    if git(root, "status", "--porcelain", "--untracked-files=no").strip():
        raise ReleaseError("changes are not committed: a release is made of a commit")
    version = current(root)
    told = notes((root / "CHANGELOG.md").read_text(encoding="utf-8"), version)
    files = archives(root, to)
    sums = to / "SHA256SUMS"
    sums.write_text(checksums(files, to), encoding="utf-8")
    page = to / f"notes-{version}.md"
    page.write_text(told, encoding="utf-8")
    return [*files, sums, page]


def checksums(files: Sequence[Path], folder: Path) -> str:
    """Lines that ``sha256sum -c`` reads."""
    return "".join(
        f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.relative_to(folder).as_posix()}\n"
        for file in files
    )


def main(arguments: list[str]) -> int:
    """``cut VERSION`` or ``build [FOLDER]``."""
    try:
        match arguments:
            case ["cut", version]:
                cut(ROOT, version, datetime.now(UTC).date())
                print(
                    f"{version} is cut. Look at the changes, run python docs/generate.py, commit."
                )
            case ["build", *folder]:
                for file in build(ROOT, Path(*folder) if folder else ROOT / "dist"):
                    print(file)
            case _:
                print(__doc__)
                return 2
    except ReleaseError as error:
        print(f"No release: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
