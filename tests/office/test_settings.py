"""The environment: what it may say, and what is said about a slip of the finger."""

from __future__ import annotations

from pathlib import Path

import pytest

from activities.settings import BadSettings, Settings, read_settings


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"TILLFLOW_{name.upper()}", raising=False)


def test_nothing_needs_to_be_said() -> None:
    settings = read_settings()

    assert settings.api_url == "http://127.0.0.1:8420"
    assert settings.database_url is None
    assert settings.export_dir == settings.data_dir / "export"


def test_a_child_process_gets_the_same_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    given = Settings(data_dir=Path("/srv/shop"), api_port=9000, temporal_address="t:7233")

    for name, value in given.as_environment().items():
        monkeypatch.setenv(name, value)

    assert read_settings() == given


def test_a_misspelt_setting_is_told_with_the_nearest_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TILLFLOW_DATABSE_URL", "postgresql://…")

    with pytest.raises(BadSettings, match="Did you mean TILLFLOW_DATABASE_URL"):
        read_settings()


def test_a_wrong_value_is_told_with_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TILLFLOW_API_PORT", "eighty")

    with pytest.raises(BadSettings, match=r"TILLFLOW_API_PORT='eighty': .*valid integer"):
        read_settings()
