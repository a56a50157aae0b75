"""An extension of Griffe: examples in docstrings are shown as code, also without a heading."""

import re
from typing import Any

from griffe import Extension, Object

EXAMPLE = re.compile(r"(?:^|(?<=\n\n))((?:[ \t]*>>>.*(?:\n(?!\n).*)*)+)")


class DoctestBlocks(Extension):  # type: ignore[misc, unused-ignore]
    """Puts a fence around every run of lines that begins with ``>>>``."""

    def on_object(self, *, obj: Object, **kwargs: Any) -> None:
        """Rewrite the docstring of an object."""
        if obj.docstring is not None:
            obj.docstring.value = EXAMPLE.sub(r"```pycon\n\1\n```", obj.docstring.value)
