"""``offing mcp``: the questions as tools of an assistant that runs on this machine."""

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from offing.terms.errors import InputError
from offing.terms.messages import say


def mcp(
    *,
    study: Annotated[
        list[Path] | None, Parameter(help=say("assistant.help_studies"), negative="")
    ] = None,
    rules: Annotated[
        list[Path] | None, Parameter(help=say("rules.help_rules"), negative="")
    ] = None,
    warehouse: Annotated[Path | None, Parameter(help=say("cli.help_warehouse"))] = None,
) -> int:
    """Speak the Model Context Protocol over standard input and output until the input ends."""
    if find_spec("mcp") is None:
        raise InputError("assistant.no_package")
    from offing.cli.assistant import Home, serve, studies_by_name

    serve(Home(warehouse, studies_by_name(study or ()), tuple(rules or ())))
    return 0
