"""The example studies: made-up firms in real trade data."""

import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from offing.terms.errors import unknown_name
from offing.terms.limits import parse_toml

NAMES = ("tv-maker", "workwear", "battery-maker")
"""In the order in which they are shown."""


@dataclass(frozen=True)
class Example:
    """An example: its folder, its title in both languages, and the HS codes of its models."""

    name: str
    folder: Path
    title_en: str
    title_zh: str
    codes: tuple[str, ...]

    def title(self, lang: str) -> str:
        """The title in a language."""
        return {"en": self.title_en, "zh": self.title_zh}[lang]


def carried_folder(name: str) -> Path:
    """A folder that the wheel carries; in a working copy it lies at the top."""
    package = Path(__file__).resolve().parents[1]
    inside = package / name
    return inside if inside.is_dir() else package.parents[1] / name


@cache
def examples() -> tuple[Example, ...]:
    """All examples that are there."""
    listed = []
    for name in NAMES:
        file = carried_folder("examples") / name / "study.toml"
        if file.is_file():
            data = parse_toml(file.read_text("utf-8"))
            codes = tuple(sorted({model["code"] for model in data["model"]}))
            title = data["title"]
            listed.append(Example(name, file.parent, title["en"], title["zh"], codes))
    return tuple(listed)


def copy_example(name: str, folder: Path) -> None:
    """Copy the study of an example, with the files it needs, into an empty folder.

    Raises:
        InputError: ``errors.unknown_name``.
    """
    by_name = {example.name: example for example in examples()}
    if name not in by_name:
        raise unknown_name(name, by_name)
    for file in by_name[name].folder.iterdir():
        if file.suffix in (".toml", ".csv"):
            shutil.copyfile(file, folder / file.name)
