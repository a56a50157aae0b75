"""Does every pinned dependency come as a wheel? ``python -m tools.platforms`` (make platforms).

For each list in requirements/, each platform and each Python, uv resolves the list as if it were
there, with hashes, from wheels alone, and installs nothing. On macOS the lowest release that works
is looked for. What has no wheel is named. The result is docs/record/platforms.md; the exit code is
1 where run.txt lacks one.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PYTHONS = ("3.11", "3.12", "3.13")
LISTS = ("run", "test", "bench", "docs")
MACS = ("11.0", "12.0", "13.0", "14.0", "15.0")
PLATFORMS = {
    "Windows, x86-64": ("x86_64-pc-windows-msvc", ("",)),
    "macOS, Apple silicon": ("aarch64-apple-darwin", MACS),
    "macOS, Intel": ("x86_64-apple-darwin", MACS),
    "Linux, x86-64": ("x86_64-manylinux_2_28", ("",)),
    "Linux, ARM": ("aarch64-manylinux_2_28", ("",)),
}
"""Name → what uv calls it, and the releases of the system to try, the oldest first."""
LACKING = re.compile(r"Because ([\w.-]+)(?:\{[^}]*\})?==(\S+?) has no (?:usable )?wheels")


@dataclass(frozen=True)
class Resolved:
    """A list of requirements on a platform.

    Attributes:
        count: packages that are installed there.
        release: of the system that is needed at least; empty where it does not matter.
        lacking: packages without a wheel, with their versions.
    """

    count: int
    release: str
    lacking: tuple[str, ...]

    def __str__(self) -> str:
        since = f", from macOS {self.release}" if self.release else ""
        if self.lacking:
            return f"no wheel of {', '.join(self.lacking)}; the other {self.count}{since}"
        return f"all {self.count}{since}"


def uv() -> str:
    """Where uv is.

    Raises:
        SystemExit: nowhere.
    """
    path = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if path is None:
        raise SystemExit("uv is needed: make platforms installs it")
    return path


def resolved(list_: Path, python: str, platform: str, releases: Sequence[str]) -> Resolved:
    """How a list resolves on a platform, on the oldest release of its system that has most."""
    text, tried = list_.read_text(encoding="utf-8"), []
    for release in releases:
        tried.append(_on_release(text, python, platform, release))
        if not tried[-1].lacking:
            break
    return min(tried, key=lambda attempt: len(attempt.lacking))


def _on_release(text: str, python: str, platform: str, release: str) -> Resolved:
    lacking: list[str] = []
    while True:
        done = _dry_run(text, python, platform, release)
        if not done.returncode:
            count = len(re.findall(r"(?m)^ \+ ", done.stderr))
            return Resolved(count, release, tuple(lacking))
        missing = LACKING.search(" ".join(done.stderr.split()))
        if missing is None:
            raise SystemExit(done.stderr)
        name, version = missing[1], missing[2]
        lacking.append(f"{name} {version}")
        text = without(text, name, version)


def without(text: str, name: str, version: str) -> str:
    r"""A list without one of its pins.

    >>> without("a==1 \\\n    --hash=x\n    # via b\nb==2 \\\n    --hash=y\n", "a", "1")
    'b==2 \\\n    --hash=y\n'
    """
    pin = rf"(?m)^{re.escape(name)}=={re.escape(version)}\b.*\n(?:[ \t]+.*\n)*"
    return re.sub(pin, "", text)


def _dry_run(
    text: str, python: str, platform: str, release: str
) -> "subprocess.CompletedProcess[str]":
    with tempfile.TemporaryDirectory(prefix="platforms-") as scratch:
        return subprocess.run(
        [uv(), "pip", "install", "--dry-run", "--no-build", "--no-deps", "--require-hashes",
         "--target", str(Path(scratch, "target")), "--python", sys.executable,
         "--python-version", python, "--python-platform", platform, "-r", "-"],
        input=text, capture_output=True, text=True, check=False,
        cwd=scratch,  # uv would add the project's own constraints, which are no pins
        env=os.environ | ({"MACOSX_DEPLOYMENT_TARGET": release} if release else {}),
    )  # fmt: skip


def table(lists: Sequence[Path]) -> Iterator[tuple[str, str, str, Resolved]]:
    """List, platform, Python and how it resolves."""
    for list_ in lists:
        for name, (platform, releases) in PLATFORMS.items():
            for python in PYTHONS:
                yield list_.name, name, python, resolved(list_, python, platform, releases)


def record(rows: Sequence[tuple[str, str, str, Resolved]], day: str) -> str:
    """The page of a run."""
    lines = [
        "# Wheels of the pinned dependencies",
        "",
        f"Written by `make platforms` on {day}. Each list of `requirements/` is resolved for each",
        "platform with its hashes, from wheels alone; nothing is installed or built. `run.txt` is",
        "what a user needs; the others are for developers.",
        "",
        "| list | platform | " + " | ".join(f"Python {python}" for python in PYTHONS) + " |",
        "| --- | --- |" + " --- |" * len(PYTHONS),
    ]
    grouped: dict[tuple[str, str], list[str]] = {}
    for list_, platform, _, cell in rows:
        grouped.setdefault((list_, platform), []).append(str(cell))
    lines += [
        f"| {list_} | {platform} | " + " | ".join(cells) + " |"
        for (list_, platform), cells in grouped.items()
    ]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write the record."""
    rows = []
    for row in table([ROOT / "requirements" / f"{name}.txt" for name in LISTS]):
        print(*row[:3], row[3], sep=" · ", flush=True)
        rows.append(row)
    page = ROOT / "docs" / "record" / "platforms.md"
    page.write_text(record(rows, f"{datetime.now(UTC):%Y-%m-%d}"), encoding="utf-8")
    print(page)
    return int(any(cell.lacking for list_, _, _, cell in rows if list_ == "run.txt"))


if __name__ == "__main__":
    sys.exit(main())
