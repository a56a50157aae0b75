"""``offing serve``: the workbench in a browser.

It stands here and not among the commands: nothing else may know this room.
"""

from ipaddress import ip_address
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from offing.terms.errors import InputError
from offing.terms.messages import Language, say


def serve(
    study: Annotated[Path | None, Parameter(help=say("web.help_study"))] = None,
    *,
    host: Annotated[str, Parameter(help=say("web.help_host"))] = "127.0.0.1",
    port: Annotated[int, Parameter(help=say("web.help_port"))] = 8628,
    user: Annotated[list[str] | None, Parameter(help=say("web.help_user"), negative="")] = None,
    name: Annotated[list[str] | None, Parameter(help=say("web.help_name"), negative="")] = None,
    proxy: Annotated[str | None, Parameter(help=say("web.help_proxy"))] = None,
    home: Annotated[Path | None, Parameter(help=say("web.help_home"))] = None,
    warehouse: Annotated[Path | None, Parameter(help=say("cli.help_warehouse"))] = None,
    no_browser: Annotated[bool, Parameter(help=say("web.help_no_browser"), negative="")] = False,
    lang: Annotated[Language | None, Parameter(show=False)] = None,
) -> None:
    """Serve the workbench until Ctrl-C."""
    from offing.web.settings import Settings, default_home

    if study is not None and not study.exists():
        raise InputError("study.no_file", path=study)
    try:
        ip_address(proxy or "::1")
    except ValueError:
        raise InputError("web.bad_proxy", text=proxy) from None
    settings = Settings(
        home=home or default_home(),
        host=host,
        port=port,
        users=tuple(user or ()),
        names=tuple(name or ()),
        proxy=proxy,
        study=study,
        warehouse=warehouse,
        lang=lang,
    )
    try:
        from offing.web.serve import run
    except ModuleNotFoundError as error:
        raise InputError("web.not_installed", module=error.name or "") from error
    run(settings, browser=not no_browser)
