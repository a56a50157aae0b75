"""What the wheel carries beside the package: the examples, the guides and the list of changes."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CARRIED = {
    "examples": "offing/examples",
    "docs/index.md": "offing/docs/index.md",
    "docs/tutorials": "offing/docs/tutorials",
    "docs/how-to": "offing/docs/how-to",
    "docs/explanation": "offing/docs/explanation",
    "docs/reference": "offing/docs/reference",
    "docs/decisions": "offing/docs/decisions",
    "docs/images": "offing/docs/images",
    "CHANGELOG.md": "offing/docs/CHANGELOG.md",
}


class Carried(BuildHookInterface):
    """Puts them into the wheel; an editable install finds them where they lie."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called before a wheel is built."""
        if version == "standard":
            build_data["force_include"].update(CARRIED)
