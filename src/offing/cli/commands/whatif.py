"""``offing whatif``: a study under today's rules and under a reform or a shock, side by side."""

from pathlib import Path
from typing import Any

from offing.api import whatif as api
from offing.cli.asking import command
from offing.report.page import folder_for, write_folder


def _folder(options: dict[str, Any]) -> Path:
    """Where the results go: ``--out``, else ``out/`` with the names of the study and the reform."""
    reform, stress = options.get("reform"), options.get("stress")
    name = reform.stem if reform else "stress" if stress else "whatif"
    return folder_for(options.pop("out", None), options["study"], name)


whatif = command(
    api.whatif,
    name="what_if",
    folder=(_folder, write_folder),
    panel=("policy.panel_general", api.OF_GENERAL),
)
