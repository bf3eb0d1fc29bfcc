"""A till speaks TLS with an office whose authority this machine believes, and with no other."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from builders import product, snapshot
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from little_http import LittleServer
from little_office import LittleOffice
from served import served

from till_kivy.certificates import certificates
from till_kivy.enrolling import OfficeNotReached, enrol
from till_kivy.errors import OfficeAway
from till_kivy.keystore import Ed25519Signer
from till_kivy.office import HttpOffice

TILL = Ed25519Signer(b"1" * 32)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for 127.0.0.1 that signs itself, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "office")])
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(here, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    pem = serialization.Encoding.PEM
    path = tmp_path / "office.pem"
    path.write_bytes(made.public_bytes(pem) + key.private_bytes(pem, *plain))
    return path


@pytest.fixture
def server(certificate: Path) -> Iterator[LittleServer]:
    server = LittleServer(LittleOffice({"T1": TILL.public_key}))
    server.office.catalogue = snapshot(product("Tea"), version=4)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    with served(server):
        yield server


@pytest.fixture(autouse=True)
def read_anew() -> Iterator[None]:
    certificates.cache_clear()
    yield
    certificates.cache_clear()


def test_an_authority_of_this_machine_is_believed(
    server: LittleServer, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    with HttpOffice(f"https://127.0.0.1:{server.server_port}", "T1", TILL) as office:
        assert office.snapshot(0) == server.office.catalogue


def test_a_stranger_is_not_the_office_and_is_told_nothing(
    server: LittleServer, tmp_path: Path
) -> None:
    url = f"https://127.0.0.1:{server.server_port}"

    with HttpOffice(url, "T1", TILL) as office, pytest.raises(OfficeAway, match="CERTIFICATE"):
        office.snapshot(0)
    with pytest.raises(OfficeNotReached, match="CERTIFICATE"):
        enrol(tmp_path / "till", url, "K7QM-4T9X-2HRP")

    assert (server.headers, server.asked) == ([], [])
