"""What a workbench is started with."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from offing.terms.files import data_folder
from offing.terms.messages import Language

LOOPBACK = ("127.0.0.1", "localhost", "::1")
OWNER = "owner"
"""The one user of a workbench on a machine of one's own."""


@dataclass(frozen=True)
class VisitorLimits:
    """What a visitor may ask of the machine.

    Attributes:
        upload_bytes: of one request.
        unpacked_bytes: of a workbook, as its archive announces.
        upload_rows: of one table.
        workbook_seconds: of processor time, to read all of a workbook that was sent.
        workbook_mb: of memory while it is read, a million bytes each.
        head_seconds: from the opening of a connection, or the last answer, to the next whole head.
        body_seconds: for a whole body.
        connections: of one address; a proxy's are not counted.
        requests: of one client at once, refilled by ``requests_a_second``.
        wrong_tokens: of one address in a minute.
        jobs: of one user at once.
    """

    upload_bytes: int = 25_000_000
    unpacked_bytes: int = 200_000_000
    upload_rows: int = 200_000
    workbook_seconds: float = 20.0
    workbook_mb: int = 1_500
    head_seconds: float = 15.0
    body_seconds: float = 60.0
    connections: int = 64
    requests: int = 300
    requests_a_second: float = 50.0
    wrong_tokens: int = 10
    jobs: int = 2


@dataclass(frozen=True)
class Settings:
    """Where a workbench listens, who may use it, and where it keeps their studies.

    Attributes:
        home: folder of users, studies and the audit log.
        host: address to listen on.
        port: to listen on.
        names: further names under which a browser may ask, such as ``plans.example.org``.
        proxy: address of the proxy in front, whose word counts for who asks and whether by TLS.
        users: names of those who may use it from a network; empty for a machine of one's own.
        study: the study it was opened with: a file or folder, used where it lies.
        warehouse: folder of the trade data; ``None`` for the user's own, else the starter world.
        limits: of visitors.
        lang: of the pages until a visitor switches; the browser's where ``None``.
    """

    home: Path
    host: str = "127.0.0.1"
    port: int = 8628
    names: tuple[str, ...] = ()
    proxy: str | None = None
    users: tuple[str, ...] = ()
    study: Path | None = None
    warehouse: Path | None = None
    limits: VisitorLimits = field(default_factory=VisitorLimits)
    lang: Language | None = None

    @property
    def open_to_network(self) -> bool:
        """Whether others than this machine can ask, who then need a token."""
        return self.host not in LOOPBACK or bool(self.users)

    @property
    def known_names(self) -> frozenset[str]:
        """The names that a ``Host`` header may have, without the port."""
        own = () if self.host in ("0.0.0.0", "::") else (self.host,)
        return frozenset(name.lower() for name in (*LOOPBACK, *own, *self.names))


def default_home() -> Path:
    """``OFFING_WORKBENCH``, or ``offing/workbench`` in the user's data folder."""
    if named := os.environ.get("OFFING_WORKBENCH"):
        return Path(named).expanduser()
    return data_folder() / "workbench"
