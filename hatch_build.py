"""What the wheel carries beside the package: the examples, the guides and the list of changes."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CARRIED = {"examples": "offing/examples", "CHANGELOG.md": "offing/docs/CHANGELOG.md"}
NOT_FOR_READERS = {".py", ".pyc", ".toml", ".txt", ".js", ".css"}
"""Files of docs/ that make the site and are no part of it."""


class Carried(BuildHookInterface):
    """Puts them into the wheel; an editable install finds them where they lie."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called before a wheel is built."""
        if version != "standard":
            return
        build_data["force_include"].update(CARRIED)
        for file in sorted(Path(self.root, "docs").rglob("*")):
            if file.is_file() and file.suffix not in NOT_FOR_READERS:
                inside = file.relative_to(self.root).as_posix()
                build_data["force_include"][inside] = f"offing/{inside}"
