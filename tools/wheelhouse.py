"""A folder that installs offing without a network: ``python -m tools.wheelhouse make FOLDER``.

It has offing's own wheel, that of every pinned dependency of requirements/run.txt for the Pythons
and the platform named, and the start files of tools/start. ``check FOLDER`` copies it under a path
with Chinese characters and spaces, starts it there and runs a quote and the example study; the
package index is switched off.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Sequence
from pathlib import Path

from tools.platforms import PYTHONS, uv
from tools.release import ReleaseError, archives, checksums

ROOT = Path(__file__).resolve().parents[1]
RUN = ROOT / "requirements" / "run.txt"
START = ROOT / "tools" / "start"
GLIBC = (28, 27, 26, 24, 17, 12, 5)
PLATFORMS = {
    "windows": ("x86_64-pc-windows-msvc", ("win_amd64",)),
    "macos-arm": ("aarch64-apple-darwin", ("macosx_12_0_arm64",)),
    "macos-intel": ("x86_64-apple-darwin", ("macosx_12_0_x86_64",)),
    "linux": (
        "x86_64-manylinux_2_28",
        (*(f"manylinux_2_{n}_x86_64" for n in GLIBC), "manylinux2014_x86_64", "linux_x86_64"),
    ),
    "linux-arm": (
        "aarch64-manylinux_2_28",
        (*(f"manylinux_2_{n}_aarch64" for n in GLIBC), "manylinux2014_aarch64"),
    ),
}
"""Name → what uv calls it, and the wheel tags that run there."""
LINES = (
    ("quote", "852872", "DEU", "--on", "2024-12-31", "--cost", "3150CNY", "--price", "560USD",
     "--quantity", "300", "--duty", "14%"),
    ("examples",),
    ("run", "examples/tv-maker/study.toml"),
)  # fmt: skip
"""What ``check`` runs."""


def extras(project: str, pinned: str) -> list[str]:
    r"""The extras of a project of which every package is pinned.

    >>> extras('[project.optional-dependencies]\na = ["x>=1"]\nb = ["y", "z"]', "x==1\ny==2\n")
    ['a']
    """
    names = set(re.findall(r"(?m)^([\w.-]+)==", pinned.lower()))
    optional = tomllib.loads(project)["project"]["optional-dependencies"]
    first = re.compile(r"[\w.-]+")
    return sorted(
        extra
        for extra, needed in optional.items()
        if all(match[0].lower() in names for line in needed if (match := first.match(line)))
    )


def pins(python: str, platform: str) -> str:
    """The pinned packages of one platform and Python, with their hashes."""
    done = subprocess.run(
        [uv(), "pip", "compile", "-q", str(RUN), "--no-deps", "--generate-hashes", "--no-header",
         "--no-annotate", "--no-emit-index-url", "--python", sys.executable,
         "--python-version", python, "--python-platform", PLATFORMS[platform][0]],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise ReleaseError(done.stderr.strip())
    return done.stdout


def download(list_: Path, to: Path, python: str, platform: str) -> None:
    """The wheels of a list.

    Raises:
        ReleaseError: one is not to be had for the platform.
    """
    tags = [word for tag in PLATFORMS[platform][1] for word in ("--platform", tag)]
    done = subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "-q", "-r",
         str(list_), "-d", str(to), "--no-deps", "--require-hashes", "--only-binary", ":all:",
         "--python-version", python, "--implementation", "cp", *tags],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise ReleaseError(done.stderr.strip())


def make(to: Path, platform: str, pythons: Sequence[str]) -> None:
    """Fill a folder.

    Raises:
        ReleaseError: it is there already, or a wheel is not to be had.
    """
    if to.exists():
        raise ReleaseError(f"{to} is there already")
    with tempfile.TemporaryDirectory(prefix="wheelhouse-") as scratch:
        folder, wheels = Path(scratch, "folder"), Path(scratch, "folder", "wheels")
        wheels.mkdir(parents=True)
        for file in archives(ROOT, Path(scratch, "dist")):
            if file.suffix == ".whl":
                shutil.copy(file, wheels)
        for python in pythons:
            list_ = Path(scratch, f"{python}.txt")
            list_.write_text(pins(python, platform), encoding="utf-8")
            download(list_, wheels, python, platform)
        started(folder, RUN.read_text(encoding="utf-8"))
        files = [file for file in sorted(folder.rglob("*")) if file.is_file()]
        (folder / "SHA256SUMS").write_text(checksums(files, folder), encoding="utf-8")
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(folder, to)


def started(to: Path, pinned: str) -> None:
    """The start files, and what they install.

    The first line says which wheel it is: another one is installed anew. Windows reads it, so its
    lines end as there.
    """
    for file in START.iterdir():
        shutil.copy(file, to / file.name)
    note = to / "README.txt"  # an editor of an older Windows takes it for its own code page
    note.write_text(note.read_text("utf-8"), encoding="utf-8-sig", newline="\r\n")
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (wheel,) = (to / "wheels").glob("offing-*.whl")
    lines = (
        f"# {checksums([wheel], wheel.parent).strip()}",
        f"offing[{','.join(extras(project, pinned))}]",
    )
    (to / "install.txt").write_bytes("".join(f"{line}\r\n" for line in lines).encode())


def check(folder: Path) -> None:
    """Start a folder where nobody has a network, under a path such as people have.

    Raises:
        ReleaseError: a command did not end well.
    """
    with tempfile.TemporaryDirectory(prefix="wheelhouse-") as scratch:
        there = Path(scratch, "我的 文件", "offing (1)")
        shutil.copytree(folder, there)
        env = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PYTHON", "PIP_", "UV_", "VIRTUAL_ENV"))
        }
        env |= {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull, "HOME": str(there.parent)}
        env |= {"OFFING_PYTHON": env.get("OFFING_PYTHON", sys.executable), "LC_ALL": "C.UTF-8"}
        for line in LINES:
            began = time.monotonic()
            done = subprocess.run(
                [there / "offing.command", *line], cwd=there.parent, env=env, check=False,
                capture_output=True, text=True,
            )  # fmt: skip
            if done.returncode:
                raise ReleaseError(f"{' '.join(line)}: {done.stderr}")
            print(f"{time.monotonic() - began:5.1f} s  offing {' '.join(line)}")
        report = there.parent / "out"
        print("report:", *(str(file.name) for file in report.rglob("report.html")))


def main(arguments: list[str]) -> int:
    """``make FOLDER`` or ``check FOLDER``."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("what", choices=("make", "check"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--platform", choices=PLATFORMS, default="linux")
    parser.add_argument("--python", action="append", choices=PYTHONS, dest="pythons")
    options = parser.parse_args(arguments)
    try:
        if options.what == "make":
            make(options.folder, options.platform, options.pythons or PYTHONS)
            size = sum(file.stat().st_size for file in options.folder.rglob("*") if file.is_file())
            print(f"{options.folder}: {size / 1e6:,.0f} MB")
        else:
            check(options.folder)
    except ReleaseError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
