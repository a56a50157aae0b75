"""Standard output and error as they are: closed, full, in any encoding; wrong uses."""

import codecs
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from cyclopts import CoercionError, CycloptsError, MissingArgumentError, UnusedCliTokensError
from cyclopts.exceptions import RepeatArgumentError, UnknownCommandError, UnknownOptionError

from offing.cli.commands import COMMANDS
from offing.terms.errors import InputError
from offing.terms.messages import Language, suggest

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


NEGATIVE = re.compile(r"-\s?(?:[A-Z]{3}|[^\w\s-]{1,2})?\s?[\d.,]")
"""A number below nought, its currency before or behind it: -560, -560USD, -$560, -USD 560."""


def attach_negative(error: CycloptsError, line: Sequence[str]) -> list[str] | None:
    """The line with a negative value as its option's, where it was taken for one more option.

    Whether the value may be negative is for the question to say.
    """
    if isinstance(error, MissingArgumentError) and error.keyword in line[:-1]:
        at = line.index(error.keyword)
        if NEGATIVE.match(line[at + 1]):
            return [*line[:at], f"{error.keyword}={line[at + 1]}", *line[at + 2 :]]
    return None


def usage_error(error: CycloptsError) -> InputError:
    """Our error for one of cyclopts': what was typed, what was expected, what is nearest."""
    if isinstance(error, UnknownCommandError):
        typed = (error.unused_tokens or [""])[0]
        return InputError("cli.unknown_command", text=typed, near=suggest(typed, COMMANDS))
    if isinstance(error, UnknownOptionError):
        typed = error.token.keyword or error.token.value
        if NEGATIVE.match(typed):
            return InputError("cli.minus", text=typed)
        options = {name for argument in error.argument_collection for name in argument.names}
        options = {name for name in options if name.startswith("--")}
        return InputError("cli.unknown_option", text=typed, near=suggest(typed, options))
    if isinstance(error, MissingArgumentError) and error.argument is not None:
        name = error.keyword or error.argument.name
        own = {"--origin": "cli.missing_origin"}
        if error.keyword is None:  # no word of the command line stands for it
            own["--study"] = "cli.missing_study"
            if name not in own and error.argument.index is not None:
                word = name.strip("-").replace("-", "_").upper()
                return InputError("cli.missing_word", name=word)
        return InputError(own.get(name, "cli.missing"), name=name)
    if isinstance(error, RepeatArgumentError):
        return InputError("cli.repeated", name=error.token.keyword)
    if isinstance(error, UnusedCliTokensError):
        return InputError("cli.too_many", text=" ".join(error.unused_tokens or []))
    if isinstance(error.__cause__, InputError):
        return error.__cause__
    if isinstance(error, CoercionError):
        name = error.argument.name if error.argument else ""
        value = error.token.value if error.token else ""
        return InputError("cli.kind_other", name=name, text=value)
    return InputError("cli.wrong_use", reason=str(error).strip())
