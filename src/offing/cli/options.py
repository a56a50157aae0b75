"""Options that many commands share."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

WarehouseDir = Annotated[Path | None, Parameter(name="--warehouse")]
AsJson = Annotated[bool, Parameter(name="--json", negative="")]
