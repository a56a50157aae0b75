"""A small file that a test writes, such as a reform or a regime."""

from pathlib import Path


def written(folder: Path, text: str, name: str = "reform.toml") -> Path:
    """The file of that name in the folder, with this text."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path
