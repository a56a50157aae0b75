"""Put the commands together, with help pages in the language of the context.

Nothing of a command is imported before it is called.
"""

from typing import Any

from attrs import evolve
from cyclopts import App, Group
from cyclopts.help import DefaultFormatter, HelpEntry, HelpPanel, InlineText
from rich.console import Console, ConsoleOptions
from rich.text import Text

from offing import __version__
from offing.cli.commands import COMMANDS, PARTS
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


PLACES = {
    "COMMAND": "cli.usage_command",
    "[OPTIONS]": "cli.usage_options",
    "[ARGS...]": "cli.usage_more",
    "[ARGS]": "cli.usage_arguments",
}
"""What stands for the parts of a call, in cyclopts' words and under which key in ours."""


class HelpPage(DefaultFormatter):
    """cyclopts' pages, with its own English words replaced by ours."""

    def render_usage(self, console: Console, options: ConsoleOptions, usage: Any) -> None:
        """The line that shows how a command is called."""
        if usage:
            line = str(usage)
            for word, key in PLACES.items():
                line = line.replace(word, say(key))
            console.print(Text(say("cli.usage"), style="bold") + Text(line))

    def __call__(self, console: Console, options: ConsoleOptions, panel: HelpPanel) -> None:
        """One panel; what is needed and what holds otherwise is said in words."""
        entries = [_help_entry(entry) for entry in panel.entries]
        super().__call__(console, options, evolve(panel, entries=entries))


def _help_entry(entry: HelpEntry) -> HelpEntry:
    notes = []
    if entry.required:
        notes.append(say("cli.needed"))
    elif entry.default not in (None, "", "False", "()"):
        notes.append(say("cli.default", value=entry.default))
    described = InlineText(Text(_plain(entry.description)))
    for note in notes:
        described.append(Text(note, style="dim"))
    return evolve(entry, description=described, required=False, default=None)


def _plain(description: Any) -> str:
    """The words of a description, however cyclopts has wrapped them."""
    inner = getattr(description, "primary_renderable", description)
    return getattr(inner, "plain", None) or str(inner or "")
