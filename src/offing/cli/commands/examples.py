"""``offing examples``: the example studies that the package carries, in a folder of one's own."""

import shutil
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from offing.cli.show import AsJson, print_json
from offing.report.terminal import print_line
from offing.study.examples import carried_folder
from offing.terms.errors import InputError, Where, disk_said
from offing.terms.messages import say

FIRST = Path("tv-maker", "study.toml")


def examples(
    folder: Annotated[Path, Parameter(help=say("cli.help_examples"))] = Path("examples"),
    *,
    as_json: AsJson = False,
) -> int:
    """Write the examples; a folder with files in it is left as it is.

    Raises:
        InputError: ``cli.not_a_folder``, ``cli.examples_there``.
        StorageError: ``cli.disk``.
    """
    if folder.is_file():
        raise InputError("cli.not_a_folder", where=Where(folder), folder=folder)
    if folder.is_dir() and any(folder.iterdir()):
        raise InputError("cli.examples_there", where=Where(folder), folder=folder)
    with disk_said("cli.disk", folder):
        shutil.copytree(carried_folder("examples"), folder, dirs_exist_ok=True)
    written = sorted(str(path) for path in folder.rglob("*") if path.is_file())
    if as_json:
        print_json({"written": written, "guides": carried_folder("docs")})
        return 0
    print_line(say("cli.examples_written", count=len(written), folder=folder, study=folder / FIRST))
    print_line(say("cli.guides", folder=carried_folder("docs")))
    return 0
