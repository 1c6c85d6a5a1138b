"""Requests go to listed hosts and public addresses only, and TLS is judged by the name, whatever address it has."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from connectors import outgoing
from connectors.contract import Surroundings
from connectors.http import session
from connectors.outgoing import Bounds, ForbiddenAddress, NotPublic, is_public
from tests.attack import doors_outgoing
from tests.attack.doors_outgoing import INSIDE, PUBLIC, Trap, rebound, redirected, urls, watched


@pytest.fixture
def trap() -> Iterator[Trap]:
    made = Trap()
    yield made
    made.stop()


def test_no_address_that_leads_inside_is_connected_to_in_any_writing(trap: Trap) -> None:
    counted = urls(trap)
    assert (counted.tried >= 120, counted.wrong) == (True, [])


def test_a_vendors_own_name_that_leads_inside_is_not_followed_and_not_asked_for_twice() -> None:
    counted = rebound()
    assert (counted.tried >= 120, counted.wrong) == (True, [])


def test_no_sdk_follows_a_redirect(trap: Trap) -> None:
    counted = redirected(trap)
    assert (counted.tried, counted.wrong) == (100, [])


def test_the_attack_would_find_a_connector_that_goes_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Bounds, "_lets", lambda *_: True)
    monkeypatch.setattr(doors_outgoing, "INSIDE", ("127.0.0.1",))
    assert len(rebound().wrong) >= 6


def test_the_vendors_are_reached_where_a_literal_loopback_address_is_set(trap: Trap) -> None:
    assert doors_outgoing.reached_where_allowed(trap) >= 5


@pytest.mark.parametrize("address", INSIDE)
def test_what_only_this_machine_or_its_network_can_reach_is_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", [
    PUBLIC, "1.1.1.1", "8.8.8.8", "172.32.0.1", "100.128.0.1", "192.169.0.1", "2606:4700::1111", "2a00:1450:4001::1",
    "64:ff9b::808:808", "::ffff:8.8.8.8", "2002:808:808::1"])
def test_what_anybody_can_reach_is_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(("address", "passes"), [
    ("10.0.0.7", True), ("192.168.4.1", True), ("172.20.0.1", True), ("fd00::1", True), (PUBLIC, True),
    ("127.0.0.1", False), ("169.254.169.254", False), ("0.0.0.0", False), ("::1", False), ("::ffff:127.0.0.1", False),  # noqa: S104 - nobody listens there
    ("fe80::1", False)])
def test_an_admin_may_say_that_a_server_stands_in_the_own_network_and_never_that_it_is_this_machine(
        address: str, passes: bool) -> None:
    with watched({"model.example": [[address]]}):
        if passes:
            assert Bounds(("model.example",), private=True).found("model.example", 443)
            return
        with pytest.raises(NotPublic):
            Bounds(("model.example",), private=True).found("model.example", 443)


def test_a_name_of_this_machine_that_leads_elsewhere_is_not_followed() -> None:
    with watched({"localhost": [[PUBLIC]]}), pytest.raises(NotPublic):
        Bounds(("localhost",)).found("localhost", 80)


def test_a_host_that_is_not_listed_is_not_even_resolved() -> None:
    with watched({}) as watch, pytest.raises(ForbiddenAddress):
        Bounds((".my.salesforce.com",)).found("my.salesforce.com", 443)
    assert watch.asked == []


def certified(name: str, folder: Path) -> tuple[Path, Path]:
    """A certificate for this name, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number(),
                                   now - timedelta(days=1), now + timedelta(days=1)).add_extension(
        x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False).add_extension(
        x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(key, SHA256())
    certificate, secret = folder / f"{name}.pem", folder / f"{name}.key"
    certificate.write_bytes(made.public_bytes(Encoding.PEM))
    secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return certificate, secret


def speaks_tls(listening: socket.socket, certificate: Path, key: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    caller, _ = listening.accept()
    try:
        with context.wrap_socket(caller, server_side=True) as secret:
            secret.recv(4096)
            secret.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
    except OSError:
        caller.close()


@pytest.mark.parametrize(("name", "passes"), [("api.stripe.com", True), ("other.example", False)])
def test_the_certificate_must_be_the_names_whichever_address_is_connected_to(
        name: str, passes: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate, key = certified(name, tmp_path)
    listening = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=speaks_tls, args=(listening, certificate, key), daemon=True).start()
    dialled: list[object] = []

    def dial(way: outgoing.Found, timeout: object, options: object) -> socket.socket:
        dialled.append(way[3])
        return socket.create_connection(listening.getsockname(), 5)

    monkeypatch.setattr(outgoing, "dial", dial)
    with watched({"api.stripe.com": [[PUBLIC]]}), session("stripe", ("api.stripe.com",), Surroundings()) as door:
        if passes:
            assert door.get("https://api.stripe.com/v1/x", verify=str(certificate)).status_code == 200
        else:
            with pytest.raises(requests.exceptions.SSLError):
                door.get("https://api.stripe.com/v1/x", verify=str(certificate))
    listening.close()
    assert dialled == [(PUBLIC, 443)]
