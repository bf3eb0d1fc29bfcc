"""What the environment may say and how a wrong word in it is told, for every setting there is."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from activities.settings import (
    OTHERS,
    PREFIX,
    BadSettings,
    Settings,
    read_settings,
    spare_the_collector,
)

NAMES = sorted(f"{PREFIX}{name.upper()}" for name in Settings.model_fields)
NUMBERS = [name for name in NAMES if name.endswith(("_PORT", "_S"))]


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in {*NAMES, *(one for one in os.environ if one.startswith(PREFIX))}:
        monkeypatch.delenv(name, raising=False)


words = st.text(st.characters(categories=["L", "N", "P", "Zs"]), min_size=1, max_size=20)


@given(
    given_settings=st.builds(
        Settings,
        data_dir=words.map(lambda word: Path("/srv") / word),
        database_url=st.none() | words,
        temporal_address=st.none() | words,
        temporal_namespace=words,
        temporal_port=st.integers(1, 65_535),
        temporal_ui_port=st.integers(1, 65_535),
        export_every_s=st.integers(1, 10_000),
        api_host=words,
        api_port=st.integers(1, 65_535),
        oauth_clients=st.dictionaries(words, st.lists(words, max_size=2).map(tuple), max_size=2),
    )
)
def test_whatever_is_set_a_child_process_reads_the_same(given_settings: Settings) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in given_settings.as_environment().items():
            patch.setenv(name, value)

        assert read_settings() == given_settings


def test_a_child_is_told_nothing_of_what_is_not_set() -> None:
    told = Settings(data_dir=Path("/srv/shop")).as_environment()

    assert told.keys() == set(NAMES) - {
        "TILLFLOW_DATABASE_URL",
        "TILLFLOW_TEMPORAL_ADDRESS",
        "TILLFLOW_OIDC_ISSUER",
        "TILLFLOW_OIDC_CLIENT_SECRET_FILE",
    }


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("slip", ["double", "drop", "swap"])
def test_any_slip_of_the_finger_is_told_with_the_name_that_was_meant(
    monkeypatch: pytest.MonkeyPatch, name: str, slip: str
) -> None:
    at = len(name) - 3
    wrong = {
        "double": name[:at] + name[at] + name[at:],
        "drop": name[:at] + name[at + 1 :],
        "swap": name[:at] + name[at + 1] + name[at] + name[at + 2 :],
    }[slip]
    monkeypatch.setenv(wrong, "7")

    with pytest.raises(BadSettings) as told:
        read_settings()

    assert str(told.value) == f"{wrong} is not a setting. Did you mean {name}?"


def test_every_unknown_name_is_told_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TILLFLOW_ZONE", "1")
    monkeypatch.setenv("TILLFLOW_API_PORTS", "2")

    with pytest.raises(BadSettings, match=r"^TILLFLOW_API_PORTS .*\? TILLFLOW_ZONE is not"):
        read_settings()


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", ["", "many", "8420.5", "0x10"])
def test_a_number_that_is_none_is_told_with_its_variable_and_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(BadSettings, match=rf"^{name}='{value}': Input should be a valid integer"):
        read_settings()


def test_an_export_every_no_seconds_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TILLFLOW_EXPORT_EVERY_S", "0")

    with pytest.raises(BadSettings, match=r"^TILLFLOW_EXPORT_EVERY_S='0': .*greater than or equal"):
        read_settings()


@pytest.mark.parametrize("name", [name for name in NAMES if name.endswith("_PORT")])
@pytest.mark.parametrize(("value", "limit"), [("0", "or equal to 1"), ("99999", "to 65535")])
def test_a_port_that_no_machine_has_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, limit: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(BadSettings, match=rf"^{name}='{value}': .* {limit}\.$"):
        read_settings()


def test_two_wrong_values_are_told_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TILLFLOW_API_PORT", "a")
    monkeypatch.setenv("TILLFLOW_TEMPORAL_PORT", "b")

    with pytest.raises(BadSettings) as told:
        read_settings()

    assert "TILLFLOW_API_PORT='a'" in str(told.value)
    assert "TILLFLOW_TEMPORAL_PORT='b'" in str(told.value)


@pytest.mark.parametrize("name", sorted(OTHERS))
def test_what_other_programs_read_is_let_pass(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "anything")

    assert read_settings() == Settings()


def test_everything_an_office_keeps_lies_in_its_data_folder() -> None:
    settings = Settings(data_dir=Path("/srv/shop"))

    places = {
        settings.postgres_dir,
        settings.temporal_file,
        settings.export_dir,
        settings.tills_dir,
        settings.office_key_file,
        settings.payload_key_file,
    }
    assert len(places) == 6
    assert all(place.is_relative_to("/srv/shop") for place in places)
    assert settings.office_key_file.parent == settings.payload_key_file.parent


def test_settings_are_not_changed_once_they_are_read() -> None:
    settings = read_settings()

    with pytest.raises(ValidationError, match="frozen"):
        settings.api_port = 1  # type: ignore[misc]  # that is the point

    assert settings.api_port == 8420


@pytest.mark.parametrize("module", ["api", "activities"])
def test_a_program_with_a_misspelt_setting_ends_with_the_sentence(module: str) -> None:
    words_of = {"api": [], "activities": ["tally"]}[module]
    environment = {**os.environ, "TILLFLOW_DATABASE_URI": "x"}

    done = subprocess.run(
        [sys.executable, "-m", module, *words_of],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode != 0
    assert "Did you mean TILLFLOW_DATABASE_URL?" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_spared_collector_looks_less_often_and_still_looks() -> None:
    before = gc.get_threshold()
    try:
        spare_the_collector()
        looked_at = gc.get_threshold()
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()

    assert looked_at[0] > before[0]
    assert gc.isenabled()
