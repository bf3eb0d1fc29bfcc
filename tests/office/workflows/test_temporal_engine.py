"""The embedded server: comes up, keeps what it had, and says why when it cannot."""

from __future__ import annotations

import socket
from pathlib import Path

import psutil
import pytest
from fixtures_temporal import a_temporal
from loops import Loop
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest

from api.engines import temporal as temporal_engine
from api.engines.temporal import EmbeddedTemporal, TemporalFailed, TemporalPorts
from workflows.attributes import REGISTERED
from workflows.client import TemporalServer, connect
from workflows.codec import PayloadKeys

DAY_S = 86_400
KEYS = PayloadKeys("k", {"k": b"k" * 32})


def test_the_server_keeps_history_for_a_week_and_knows_every_attribute(
    temporal: EmbeddedTemporal, loop: Loop
) -> None:
    client = loop.run(connect(TemporalServer(temporal.address), KEYS))

    request = DescribeNamespaceRequest(namespace="default")
    described = loop.run(client.workflow_service.describe_namespace(request))

    assert described.config.workflow_execution_retention_ttl.seconds == 7 * DAY_S
    assert set(REGISTERED) <= set(described.config.custom_search_attribute_aliases.values())


@pytest.mark.parametrize("setting", ["TILLFLOW_TEMPORAL_PORT", "TILLFLOW_TEMPORAL_UI_PORT"])
def test_a_taken_port_is_named_with_the_setting_that_changes_it(
    tmp_path: Path, setting: str
) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        socket.create_server(("127.0.0.1", 0)) as other,
    ):
        port, free = taken.getsockname()[1], other.getsockname()[1]
        other.close()
        ports = {"TILLFLOW_TEMPORAL_PORT": (port, free), "TILLFLOW_TEMPORAL_UI_PORT": (free, port)}
        server = EmbeddedTemporal(tmp_path / "t.sqlite", TemporalPorts(*ports[setting]))

        with pytest.raises(TemporalFailed, match=f"port {port}.*{setting}"):
            server.start()


def test_a_server_that_dies_while_starting_tells_its_last_words(tmp_path: Path) -> None:
    (tmp_path / "temporal.sqlite").write_bytes(b"this is no database" * 100)
    server = a_temporal(tmp_path)

    with pytest.raises(TemporalFailed, match=r"stopped with code .*temporal\.log"):
        server.start()


def test_a_stopped_server_leaves_no_process_and_starts_again_with_its_file(tmp_path: Path) -> None:
    server = a_temporal(tmp_path)
    server.start()
    first = server.pid
    server.stop()
    gone = not psutil.pid_exists(first)

    server.start()
    second = server.pid
    server.stop()

    assert gone
    assert second != first
    assert not psutil.pid_exists(second)


def test_the_server_writes_through_to_the_disk(temporal: EmbeddedTemporal) -> None:
    command = psutil.Process(temporal.pid).cmdline()

    assert "synchronous=2" in command
    assert temporal.file.with_name(f"{temporal.file.name}-wal").exists()


def test_an_attribute_of_another_type_from_an_older_version_is_made_anew(
    tmp_path: Path, loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = REGISTERED | {"ReceiptNumber": "Keyword"}
    with monkeypatch.context() as before:
        before.setattr(temporal_engine, "REGISTERED", older)
        with a_temporal(tmp_path):
            pass

    with a_temporal(tmp_path) as server:
        client = loop.run(connect(TemporalServer(server.address), KEYS))
        request = ListSearchAttributesRequest(namespace="default")
        listed = loop.run(client.operator_service.list_search_attributes(request))

    kinds = {name: IndexedValueType.Name(kind) for name, kind in listed.custom_attributes.items()}
    assert kinds["ReceiptNumber"] == "INDEXED_VALUE_TYPE_KEYWORD_LIST"
    assert set(kinds) == set(REGISTERED)
