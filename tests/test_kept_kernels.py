"""What a clone has compiled, the next one takes; never less in the place of more."""

import os
from pathlib import Path

import pytest

import kept_kernels


def clone(folder: Path, *files: str) -> Path:
    (folder / "__pycache__").mkdir(parents=True)
    (folder / "kernel.py").write_text("1", "utf-8")
    for name in files:
        (folder / "__pycache__" / name).write_text(folder.name, "utf-8")
    return folder


def test_a_fresh_clone_takes_what_another_kept(tmp_path: Path) -> None:
    kept, fresh = tmp_path / "home" / "kept", clone(tmp_path / "fresh")
    kept_kernels.take(kept, fresh)
    assert kept_kernels.compiled(fresh / "__pycache__") == []
    kept_kernels.keep(kept, clone(tmp_path / "full", "a.nbi", "a.1.nbc"))
    kept_kernels.keep(kept, clone(tmp_path / "part", "a.nbi"))
    kept_kernels.take(kept, fresh)
    own = clone(tmp_path / "own", "b.nbi")
    kept_kernels.take(kept, own)
    found = {f.name: f.read_text("utf-8") for f in kept_kernels.compiled(fresh / "__pycache__")}
    assert found == {"a.nbi": "full", "a.1.nbc": "full"}
    assert [f.name for f in kept_kernels.compiled(own / "__pycache__")] == ["b.nbi"]
    assert [f.name for f in kept.parent.iterdir()] == ["kept"]


def test_other_code_has_a_place_of_its_own(tmp_path: Path) -> None:
    one, other = clone(tmp_path / "one"), clone(tmp_path / "other")
    assert kept_kernels.place(one) == kept_kernels.place(other)
    (other / "kernel.py").write_text("2", "utf-8")
    assert kept_kernels.place(one) != kept_kernels.place(other)


def test_the_last_states_are_kept_and_what_another_run_keeps_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = clone(tmp_path / "code", "a.nbi")
    for number in range(kept_kernels.MOST + 3):
        kept = tmp_path / "home" / f"kernels-{number}"
        kept_kernels.keep(kept, code)
        os.utime(kept, (number, number))
    names = {place.name for place in kept.parent.iterdir()}
    assert names == {f"kernels-{n}" for n in range(3, kept_kernels.MOST + 3)}
    monkeypatch.setattr("shutil.rmtree", lambda *_, **__: None)
    (kept / "b.nbi").write_text("another's", "utf-8")
    kept_kernels.keep(kept, clone(tmp_path / "more", "a.nbi", "c.nbi", "d.nbi"))
    assert (kept / "b.nbi").exists()
