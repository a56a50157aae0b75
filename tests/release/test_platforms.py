"""The record of wheels: what a dry run says is read and told, and who has no wheel is named."""

import subprocess
from pathlib import Path

import pytest
from tools import platforms
from tools.platforms import LACKING, Resolved, record

PINS = r"""a==1 \
    --hash=sha256:x
    # via b
b==2 ; python_full_version < '3.12' \
    --hash=sha256:y
"""


@pytest.mark.parametrize("named", ["scipy==1.17.1", "scipy{python_full_version < '3.12'}==1.17.1"])
def test_what_has_no_wheel_is_read_from_what_uv_says(named: str) -> None:
    said = f"cause: Because {named} has no usable wheels and you require {named}, we can conclude"
    found = LACKING.search(said)
    assert found is not None
    assert found.groups() == ("scipy", "1.17.1")


def test_the_oldest_system_that_has_all_is_looked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """a==1 has a wheel from 12.0 on, b==2 nowhere."""

    def dry_run(
        text: str, _python: str, _platform: str, release: str
    ) -> "subprocess.CompletedProcess[str]":
        for name in ("a==1", "b==2"):
            if name in text and not (name == "a==1" and release >= "12.0"):
                said = f"Because {name} has no usable wheels and you require {name}"
                return subprocess.CompletedProcess([], 1, "", said)
        return subprocess.CompletedProcess([], 0, "", " + a==1\n")

    monkeypatch.setattr(platforms, "_dry_run", dry_run)
    list_ = tmp_path / "run.txt"
    list_.write_text(PINS)
    found = platforms.resolved(list_, "3.12", "mac", platforms.MACS)
    assert (found.release, found.lacking) == ("12.0", ("b 2",))
    assert str(found) == "no wheel of b 2; the other 1, from macOS 12.0"


def test_the_record_has_a_row_for_each_platform() -> None:
    rows = [("run.txt", "Windows", python, Resolved(39, "", ())) for python in platforms.PYTHONS]
    assert "| run.txt | Windows | all 39 | all 39 | all 39 |" in record(rows, "2026-11-26")
