"""TLS: a certificate is believed when an authority that was named vouches for it and for the host, and else never."""

import shutil
import ssl
import subprocess

import pytest

from controller.io.http import Http, HttpFault, Limits
from tests.support.server import Reply, Server

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    if shutil.which("openssl") is None:
        pytest.skip("openssl not installed here (Debian: apt-get install openssl)")
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    words = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=localhost",
    ]
    subject = ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(cert)]
    subprocess.run([*words, *subject], check=True, capture_output=True)
    return cert, key


@pytest.fixture
def server(certificate):
    made = Server(lambda seen: Reply(200, b"hello"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    made.listener.socket = context.wrap_socket(made.listener.socket, server_side=True)
    with made:
        yield made


def get(server, host="localhost", ca_file=None):
    limits = Limits(timeout=5.0, ca_file=ca_file)
    return Http(limits).send("GET", f"https://{host}:{server.port}/")


def test_a_certificate_of_ones_own_authority_is_believed(server, certificate):
    assert get(server, ca_file=str(certificate[0])).body == b"hello"


def test_a_certificate_of_nobody_is_not(server):
    with pytest.raises(HttpFault, match="certificate verify failed") as caught:
        get(server)
    assert not caught.value.sent
    assert server.seen == []


def test_a_certificate_of_another_host_is_not(server, certificate):
    with pytest.raises(HttpFault, match="certificate"):
        get(server, host="127.0.0.1", ca_file=str(certificate[0]))
    assert server.seen == []


def test_an_authority_that_is_not_there_is_said(server):
    with pytest.raises(HttpFault, match=r"can't use the certificates in /nowhere/ca\.pem"):
        get(server, ca_file="/nowhere/ca.pem")
