"""The office's settings, read once per process from the environment (`TILLFLOW_…`)."""

from __future__ import annotations

import difflib
import gc
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "TILLFLOW_"
_NEW_OBJECTS = 50_000
OTHERS = frozenset(
    {
        "TILLFLOW_DATASETS",
        "TILLFLOW_ENROLMENT_CODE",
        "TILLFLOW_OWNER_LOGIN",
        "TILLFLOW_OWNER_NAME",
        "TILLFLOW_OWNER_PASSWORD",
        "TILLFLOW_OWNER_PASSWORD_FILE",
        "TILLFLOW_TEST_SESSION",
    }
)
"""Variables of the same prefix that other programs read."""


Port = Annotated[int, Field(ge=1, le=65_535)]
Rate = Annotated[str, Field(pattern=r"^[1-9][0-9]*/(second|minute|hour)$")]
"""How often somebody may ask, such as `120/minute`."""


class BadSettings(Exception):
    """An environment that cannot be run with; the sentence names the variable and the remedy."""


class Settings(BaseSettings):
    """Where the office keeps its books and where it listens; no address means embedded."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    data_dir: Path = Field(default_factory=lambda: Path.home() / ".local/share/tillflow")
    database_url: str | None = None
    temporal_address: str | None = None
    temporal_namespace: str = "default"
    temporal_port: Port = 7420
    temporal_ui_port: Port = 8421
    export_every_s: int = Field(default=300, ge=1)
    api_host: str = "127.0.0.1"
    api_port: Port = 8420
    oidc_issuer: str | None = None
    oidc_client_id: str = "tillflow"
    oidc_client_secret_file: Path | None = None
    oauth_clients: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    trusted_proxies: str = ""
    rate_log_in: Rate = "120/minute"
    rate_address: Rate = "6000/minute"
    rate_person: Rate = "1200/minute"
    rate_till: Rate = "12000/minute"

    @property
    def api_url(self) -> str:
        """The address that tills of this machine are given."""
        return f"http://{self.api_host}:{self.api_port}"

    @property
    def postgres_dir(self) -> Path:
        """The embedded PostgreSQL's folder."""
        return self.data_dir / "postgres"

    @property
    def temporal_file(self) -> Path:
        """The embedded Temporal server's database."""
        return self.data_dir / "temporal" / "temporal.sqlite"

    @property
    def export_dir(self) -> Path:
        """Where the Parquet files of the analysts lie."""
        return self.data_dir / "export"

    @property
    def tills_dir(self) -> Path:
        """Where tills that run on this machine keep their journals, one folder each."""
        return self.data_dir / "tills"

    @property
    def office_key_file(self) -> Path:
        """The key with which the office countersigns what it has received."""
        return self.data_dir / "keys" / "office.ed25519"

    @property
    def audit_heads_file(self) -> Path:
        """Where the end of the audit is noted at each act, out of the database's reach."""
        return self.data_dir / "keys" / "audit.heads"

    @property
    def payload_key_file(self) -> Path:
        """The key that encrypts what Temporal stores."""
        return self.data_dir / "keys" / "payload.aes256"

    @property
    def pin_pepper_file(self) -> Path:
        """What PINs, badges and passwords are mixed with before hashing."""
        return self.data_dir / "keys" / "pin.pepper"

    @property
    def token_keys_dir(self) -> Path:
        """The keys that sign access tokens, one file each."""
        return self.data_dir / "keys" / "tokens"

    def as_environment(self) -> dict[str, str]:
        """Return the variables that give a child process the same settings."""
        values = self.model_dump(mode="json", exclude_none=True)
        return {f"{PREFIX}{name.upper()}": _text(value) for name, value in values.items()}


def read_settings() -> Settings:
    """Read the environment, or raise `BadSettings` with a sentence per wrong variable."""
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} | OTHERS
    given = {name for name in os.environ if name.startswith(PREFIX)}
    if given - known:
        raise BadSettings(" ".join(_unknown(name, known) for name in sorted(given - known)))
    try:
        return Settings()
    except ValidationError as error:
        raise BadSettings(" ".join(_wrong(error))) from error


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _unknown(name: str, known: Iterable[str]) -> str:
    nearest = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.0)
    return f"{name} is not a setting. Did you mean {nearest[0]}?"


def _wrong(error: ValidationError) -> list[str]:
    return [
        f"{PREFIX}{str(problem['loc'][0]).upper()}={problem['input']!r}: {problem['msg']}."
        for problem in error.errors()
    ]


def spare_the_collector() -> None:
    """Let the garbage collector look less often, for processes that read documents by thousands.

    Parsing a batch of sales makes many objects and no cycles. With CPython's own threshold of 700
    the collector took half of the time of taking in and posting a backlog (0.51 s of 0.98 s).
    """
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, 20, 100)
