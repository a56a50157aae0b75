"""Put the commands together. Nothing of a command is imported before it is called."""

from collections.abc import Sequence
from datetime import date
from typing import Any, get_args

from cyclopts import App, Group, Parameter, Token, convert

from offing import __version__
from offing.cli.commands import COMMANDS, PARTS
from offing.cli.help_page import HelpPage
from offing.terms.messages import say


def build_app() -> App:
    """The application with all its commands, its help in the language of the context."""
    app = App(
        name="offing",
        version=__version__,
        help=say("cli.about"),
        help_format="plaintext",
        help_epilogue=say("cli.global_options"),
        help_formatter=HelpPage(),
        default_parameter=Parameter(converter=_converted),
        suppress_keyboard_interrupt=False,  # we say ourselves what an interrupt leaves
        group_arguments=Group(say("cli.group_arguments"), sort_key=1),
        group_parameters=Group(say("cli.group_options"), sort_key=2),
    )
    for name in ("--help", "--version"):
        app[name].group = say("cli.group_options")
        app[name].help = say(f"cli.{name.strip('-')}")
    part = Group()
    for position, (name, where) in enumerate(COMMANDS.items()):
        if name in PARTS:
            part = Group(say(PARTS[name]), sort_key=position)
        app.command(where, name=name, help=say(f"cli.{name}"), group=part, sort_key=position)
    return app


def _converted(kind: Any, tokens: Sequence[Token]) -> Any:
    """As cyclopts converts, but for whole numbers, which are not rounded, and days."""
    if kind is int or int in get_args(kind):
        for token in tokens:
            if "." in token.value and not float(token.value).is_integer():
                raise ValueError
    if kind is date or date in get_args(kind):
        from offing.api.given import day_in_words  # a command without a day starts faster

        return day_in_words(tokens[-1].value)
    return convert(kind, tokens)
