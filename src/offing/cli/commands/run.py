"""``offing run``: a study file becomes a plan, a report and the files behind them."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from offing.cli.options import AsJson, WarehouseDir
from offing.cli.show import print_json, progress
from offing.report.terminal import print_line, show
from offing.terms.messages import say
from offing.terms.progress import listening, stretch


def run(
    study: Annotated[Path, Parameter(help=say("run.help_study"))],
    *,
    out: Annotated[Path | None, Parameter(help=say("run.help_out"))] = None,
    explain: Annotated[bool, Parameter(help=say("run.help_explain"), negative="")] = False,
    rules: Annotated[
        list[Path] | None, Parameter(help=say("rules.help_rules"), negative="")
    ] = None,
    rules_key: Annotated[Path | None, Parameter(help=say("rules.help_key"))] = None,
    warehouse: WarehouseDir = None,
    as_json: AsJson = False,
) -> None:
    """Run a study and write its folder of results."""
    from offing.api.run import run as ask
    from offing.report.folder import folder_for, write_folder
    from offing.report.views.run import explained, view

    folder = folder_for(out, study)
    with progress() as move, listening(move):
        with stretch(0.0, 0.85):
            answer = ask(study, rules=rules or (), rules_key=rules_key, warehouse=warehouse)
        write_folder(answer, folder)
    if as_json:
        print_json({"folder": folder, "plan": answer.data()})
        return
    show(view(answer))
    print_line(say("run.report", path=folder / "report.html"))
    if explain:
        show(explained(answer))
