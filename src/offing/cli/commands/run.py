"""``offing run``: a study file becomes a plan, a report and the files behind them."""

from pathlib import Path
from typing import Any

from offing.api import run as api
from offing.cli.asking import command


def _folder(options: dict[str, Any]) -> Path:
    from offing.report.page import folder_for

    return folder_for(options.pop("out", None), options["study"])


def _write(answer: api.RunAnswer, folder: Path) -> None:
    from offing.report.page import write_folder

    write_folder(answer, folder)


run = command(api.run, name="plan", folder=(_folder, _write))
