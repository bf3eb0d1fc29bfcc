"""The codec server of Temporal's UI: what was touched is refused, never a mistake of the office."""

from __future__ import annotations

import base64

import httpx
import pytest
from offices import RunningOffice
from temporalio.api.common.v1 import Payload

from activities.temporal import payload_keys
from workflows.codec import EncryptionCodec


def decode(office: RunningOffice, payload: Payload) -> httpx.Response:
    metadata = {name: as_text(value) for name, value in payload.metadata.items()}
    sent = {"payloads": [{"metadata": metadata, "data": as_text(payload.data)}]}
    return office.http.post(f"{office.settings.api_url}/codec/decode", json=sent)


def as_text(content: bytes) -> str:
    return base64.b64encode(content).decode()


@pytest.fixture
def stored(office: RunningOffice) -> Payload:
    codec = EncryptionCodec(payload_keys(office.settings))
    (payload,) = office.loop.run(codec.encode([Payload(data=b"Canary")]))
    return payload


def test_what_the_office_encrypted_is_shown(office: RunningOffice, stored: Payload) -> None:
    answer = decode(office, stored)

    assert answer.status_code == 200
    assert answer.json()["payloads"][0]["data"] == as_text(b"Canary")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"data": b""}, "was changed"),
        ({"compression": b"zlib"}, "was changed"),
        ({"key-id": b"\xff"}, "is not at hand"),
    ],
)
def test_a_touched_payload_is_a_bad_request_that_says_so(
    office: RunningOffice, stored: Payload, changed: dict[str, bytes], said: str
) -> None:
    data = changed.pop("data", stored.data)
    touched = Payload(metadata={**stored.metadata, **changed}, data=data)

    answer = decode(office, touched)

    assert answer.status_code == 400
    assert said in answer.json()["detail"]
