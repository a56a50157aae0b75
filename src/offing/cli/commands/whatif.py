"""``offing whatif``: a study under today's rules and under a reform, side by side."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from offing.cli.options import AsJson, WarehouseDir
from offing.cli.show import print_json, progress
from offing.report.terminal import print_line, show
from offing.terms.messages import say
from offing.terms.progress import listening, stretch


def whatif(
    study: Annotated[Path, Parameter(help=say("policy.help_study"))],
    reform: Annotated[Path | None, Parameter(help=say("policy.help_reform"))] = None,
    *,
    out: Annotated[Path | None, Parameter(help=say("policy.help_out"))] = None,
    rules: Annotated[
        list[Path] | None, Parameter(help=say("rules.help_rules"), negative="")
    ] = None,
    rules_key: Annotated[Path | None, Parameter(help=say("rules.help_key"))] = None,
    warehouse: WarehouseDir = None,
    as_json: AsJson = False,
) -> None:
    """Run a study under today's rules and under a reform, and show both side by side."""
    from offing.api.whatif import whatif as ask
    from offing.report.folder import folder_for, write_folder
    from offing.report.tellings.whatif import tell

    folder = folder_for(out, study, reform.stem if reform else "whatif")
    with progress() as move, listening(move):
        with stretch(0.0, 0.9):
            answer = ask(study, reform, rules=rules or (), rules_key=rules_key, warehouse=warehouse)
        write_folder(answer, folder)
    if as_json:
        print_json({"folder": folder, "what_if": answer.data()})
        return
    show(tell(answer))
    print_line(say("policy.report", path=folder / "report.html"))
