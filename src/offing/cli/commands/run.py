"""``offing run``: a study file becomes a plan, a report and the files behind them."""

from pathlib import Path
from typing import Any

from offing.api import run as api
from offing.cli.asking import command
from offing.report.folder import folder_for, write_folder


def _folder(options: dict[str, Any]) -> Path:
    return folder_for(options.pop("out", None), options["study"])


run = command(api.run, name="plan", folder=(_folder, write_folder))
