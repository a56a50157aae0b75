"""Wrong uses of the command line, in our words."""

import re
from typing import Literal, get_args, get_origin

from cyclopts import CoercionError, CycloptsError, MissingArgumentError, UnusedCliTokensError
from cyclopts.exceptions import RepeatArgumentError, UnknownCommandError, UnknownOptionError

from offing.cli.commands import COMMANDS
from offing.terms.errors import InputError
from offing.terms.messages import enumerated
from offing.terms.nearest import meant

KINDS = {"date": "cli.kind_date", "int": "cli.kind_whole", "float": "cli.kind_number"}


def usage_error(error: CycloptsError) -> InputError:
    """Our error for one of cyclopts': what was typed, what was expected, what is nearest."""
    if isinstance(error, UnknownCommandError):
        typed = (error.unused_tokens or [""])[0]
        return InputError("cli.unknown_command", text=typed, near=meant(typed, COMMANDS))
    if isinstance(error, UnknownOptionError):
        typed = error.token.keyword or error.token.value
        if re.match(r"-[\d.,]", typed):
            return InputError("cli.minus", text=typed)
        options = {name for argument in error.argument_collection for name in argument.names}
        options = {name for name in options if name.startswith("--")}
        return InputError("cli.unknown_option", text=typed, near=meant(typed, options))
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
    if isinstance(error, CoercionError):
        name = error.argument.name if error.argument else ""
        value = error.token.value if error.token else ""
        choices = [str(choice) for choice in _choices(error.target_type)]
        if choices:
            near = meant(value, choices)
            return InputError(
                "cli.kind_choice", name=name, text=value, all=enumerated(choices), near=near
            )
        kinds = [getattr(kind, "__name__", "") for kind in _alone(error.target_type)]
        key = next((KINDS[kind] for kind in kinds if kind in KINDS), "cli.kind_other")
        return InputError(key, name=name, text=value)
    return InputError("cli.wrong_use", reason=str(error).strip())


def _alone(kind: object) -> tuple[object, ...]:
    """The types of an optional, or the one type."""
    return get_args(kind) or (kind,)


def _choices(kind: object) -> tuple[object, ...]:
    """The values of a ``Literal``, alone or inside an optional."""
    if get_origin(kind) is Literal:
        return get_args(kind)
    return tuple(value for member in get_args(kind) for value in _choices(member))
