"""Options that many commands share. Imported with a command, so in the language of the call."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from offing.terms.messages import say

WarehouseDir = Annotated[Path | None, Parameter(name="--warehouse", help=say("cli.help_warehouse"))]
AsJson = Annotated[bool, Parameter(name="--json", negative="", help=say("cli.help_json"))]
