"""Run the workbench until it is stopped."""

import webbrowser
from urllib.parse import quote

import uvicorn

from offing.terms.errors import InputError, StorageError, Where, refused_by_disk
from offing.terms.messages import say
from offing.web.app import create_app
from offing.web.settings import OWNER, Settings
from offing.web.wire import config_of
from offing.web.workbench import Workbench


def addresses(settings: Settings, workbench: Workbench) -> list[tuple[str, str]]:
    """User and address to open, of those whose token is new; of a machine of one's own, one."""
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host
    base = f"http://{f'[{host}]' if ':' in host else host}:{settings.port}/"
    if not settings.open_to_network:
        return [(OWNER, base)]
    fresh = workbench.sessions.fresh
    return [(user, f"{base}?token={quote(token)}") for user, token in fresh.items()]


def run(settings: Settings, *, browser: bool = True) -> None:
    """Serve until Ctrl-C, and open a browser.

    Raises:
        InputError: ``cli.not_a_folder``, of the home.
        StorageError: ``web.port_taken``, or ``web.system_refused`` of the home.
    """
    import socket

    try:
        app = create_app(settings)
    except (FileExistsError, NotADirectoryError):
        home = settings.home
        file = next((part for part in (home, *home.parents) if part.is_file()), home)
        raise InputError("cli.not_a_folder", where=Where(home), folder=file) from None
    except OSError as error:
        reason = refused_by_disk(error)
        raise StorageError(
            "web.system_refused", where=Where(settings.home), reason=reason
        ) from None
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # Named as TCP, else asyncio leaves Nagle's algorithm on and every answer waits 40 ms.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
    except (OSError, OverflowError) as error:  # a number that is no port overflows
        listening.close()
        reason = refused_by_disk(error)
        raise StorageError("web.port_taken", port=settings.port, reason=reason) from error
    config = config_of(app, settings, log_level="warning")
    opened = addresses(settings, app.state.workbench)
    for user, address in opened:
        key = "web.serving_user" if settings.open_to_network else "web.serving"
        print(say(key, address=address, user=user), flush=True)  # noqa: T201
    if browser and opened:
        webbrowser.open(opened[0][1])
    uvicorn.Server(config).run(sockets=[listening])
