"""Standard output and error as they are: closed, full, or in an encoding that lacks characters."""

import codecs
import os
import sys
from pathlib import Path
from typing import TextIO

from offing.terms.messages import Language

_PLAIN = {
    "−": "-", "–": "-", "—": "-", "•": "*", "×": "x", "…": "...", "→": "->", "≤": "<=", "≥": ">=",
    "≈": "~", "€": "EUR", "£": "GBP", "·": ".", "’": "'", "‘": "'", "“": '"', "”": '"', "█": "#",
    "▓": "#", "▒": "=", "▏": "|", "─": "-", "━": "-", "│": "|", " ": " ", "°": " deg", "²": "2",
    "³": "3", "‰": " per mille", "Δ": "delta ", "\u00a0": " ", "\u202f": " ", "◇": "<>", "○": "o",
    "↩": "<-",
}  # fmt: skip
"""What a console writes for a character that its encoding lacks; a question mark for all others."""


def _replace_character(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    text = "".join(_PLAIN.get(sign, "?") for sign in lacking)
    return text.encode(error.encoding, "replace").decode(error.encoding, "replace"), error.end


codecs.register_error("offing", _replace_character)


def prepare() -> None:
    """Let what the streams cannot write be replaced; a closed standard error is nobody's."""
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="offing")


def can_write(text: str, stream: TextIO | None) -> bool:
    """Whether a stream's encoding has all characters of a text."""
    try:
        text.encode(getattr(stream, "encoding", None) or "utf-8")
    except (UnicodeError, LookupError):
        return False
    return True


def readable(language: Language) -> Language:
    """The language, or English where the console has no Chinese characters."""
    return language if language == "en" or can_write("中文", sys.stdout) else "en"


def let_go(stream: TextIO | None) -> None:
    """Lead a stream that cannot be written into nothing: Python's end must not fail on it."""
    try:
        if stream is not None:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    except (OSError, ValueError):
        return
