"""One exchange with limits: what a hostile or broken server can do to us is little, and is said."""

import socket
import threading

import pytest

from controller.clock import SystemClock
from controller.io.access import Access, Site
from controller.io.addresses import objection
from controller.io.http import Http, HttpFault, Limits
from controller.quantities import QuantityError, Template
from tests.support.server import (
    Reply,
    Server,
    dripping,
    endless_body,
    half_body,
    reset,
    silent,
    status,
)

QUICK = Limits(timeout=0.3, max_bytes=100_000)


@pytest.fixture
def server():
    with Server(lambda seen: Reply(200, b"x" * 50_000)) as made:
        yield made


def send(server, limits=QUICK, **more):
    return Http(limits).send("GET", f"{server.url}/a?b=c d", **more)


def test_takes_a_whole_answer(server):
    assert send(server).body == b"x" * 50_000
    assert server.seen[0].path == "/a?b=c%20d"
    assert server.seen[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (reset(), "broke"),
        (half_body(), "broke off"),
        (silent(), "no whole answer from .* within 0.3 s"),
        (dripping(), "no whole answer from .* within 0.3 s"),
        (endless_body(), "larger than 100000 bytes"),
        (status(200, {"Content-Encoding": "gzip"}), "packed its answer"),
        (lambda handler, seen, app: handler.connection.sendall(b"SSH-2.0-x\r\n"), "does not speak HTTP"),
    ],
)
def test_a_bad_answer_is_a_fault_in_plain_words_within_the_time(server, step, words):
    server.script(step)
    clock = SystemClock()
    began = clock.monotonic()
    with pytest.raises(HttpFault, match=words) as caught:
        send(server)
    assert caught.value.sent
    assert clock.monotonic() - began < 5


def test_a_redirect_is_not_followed(server):
    server.script(status(302, {"Location": f"{server.url}/elsewhere"}))
    assert send(server).status == 302
    assert len(server.seen) == 1


def test_nobody_listening_is_known_not_to_have_been_sent():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    with pytest.raises(HttpFault, match="can't connect") as caught:
        Http(QUICK).send("GET", f"http://127.0.0.1:{port}/")
    assert not caught.value.sent


@pytest.mark.parametrize(
    "url",
    ["ftp://h/", "http://", "file:///etc/passwd", "http://u:pw12345@h/", "http://h:99999/", "http://[::1/", "h/x", ""],
)  # fmt: skip
def test_an_address_that_is_none_is_refused_without_repeating_it(url):
    with pytest.raises(HttpFault, match="address") as caught:
        Http(QUICK).send("GET", url)
    assert not caught.value.sent
    assert "pw12345" not in str(caught.value)


@pytest.mark.parametrize("value", ["a\r\nX-Injected: 1", "\u4e2d", "a\x00b"])
def test_a_header_that_would_become_two_is_refused(server, value):
    with pytest.raises(HttpFault, match="characters that HTTP can't carry"):
        send(server, headers={"X-Name": value})
    assert server.seen == []


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "fe80::1%eth0", "100.100.100.200", "fd00:ec2::254", "::ffff:169.254.169.254",
                "0.0.0.0", "224.0.0.1", "240.0.0.1"],
)  # fmt: skip
def test_some_addresses_are_refused_whatever_is_set(address):
    assert objection([address], public_only=False)


@pytest.mark.parametrize("address", ["10.0.0.1", "192.168.1.1", "127.0.0.1", "::1", "fd12::1", "100.64.0.1"])
def test_private_addresses_are_refused_where_only_public_ones_are_allowed(address):
    assert objection([address], public_only=False) is None
    assert objection([address], public_only=True)


def test_a_name_is_judged_by_the_address_it_leads_to_at_the_moment_of_connecting(server, monkeypatch):
    """DNS rebinding: the name led to a public address when somebody looked, and leads to the cloud's secrets now."""
    answers = iter([["127.0.0.1"], ["169.254.169.254"], ["127.0.0.1", "169.254.169.254"]])
    stream = socket.SOCK_STREAM

    known = socket.getaddrinfo

    def look(host, port, *more, **named):
        if host != "metrics.example":
            return known(host, port, *more, **named)
        return [(socket.AF_INET, stream, 6, "", (address, port)) for address in next(answers)]

    real = socket.create_connection
    tried = []

    def connect(address, *more, **named):
        tried.append(address[0])
        return real(address, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", look)
    monkeypatch.setattr(socket, "create_connection", connect)
    url = f"http://metrics.example:{server.port}/"
    assert Http(QUICK).send("GET", url).ok
    assert server.seen[0].headers["host"] == f"metrics.example:{server.port}"
    for _ in range(2):
        with pytest.raises(HttpFault, match=r"metrics\.example: 169\.254\.169\.254 hands out credentials"):
            Http(QUICK).send("GET", url)
    assert tried == ["127.0.0.1"]


def test_a_resolver_that_hangs_keeps_nobody_waiting(monkeypatch):
    ended = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: ended.wait(20))
    with pytest.raises(HttpFault, match=r"can't connect to slow\.example:80 within 0\.3 s"):
        Http(QUICK).send("GET", "http://slow.example/")
    ended.set()


def test_an_unknown_name_is_said():
    with pytest.raises(HttpFault, match=r"nowhere\.invalid was not found"):
        Http(Limits(timeout=10)).send("GET", "http://nowhere.invalid/")


def test_plain_http_where_tls_was_asked_for_is_a_fault(server):
    with pytest.raises(HttpFault, match=r"can't connect|broke"):
        Http(QUICK).send("GET", server.url.replace("http", "https"))


# -- credentials ----------------------------------------------------------------------------------------------------


def test_credentials_go_into_headers_and_never_into_texts(server):
    environ = {"USER_NAME": "shop", "PASS_WORD": "p w/+&%7", "TENANT": "tenant-77"}
    access = Access(
        url=Template(server.url + "/${env:PASS_WORD}"),
        username=Template("${env:USER_NAME}"),
        password=Template("${env:PASS_WORD}"),
        headers={"X-Tenant": Template("${env:TENANT}")},
    )
    site = Site(access, environ=environ)
    site.send("GET")
    assert server.seen[0].headers["authorization"] == "Basic c2hvcDpwIHcvKyYlNw=="
    assert server.seen[0].headers["x-tenant"] == "tenant-77"
    for written in ("p w/+&%7", "p%20w/%2B%26%257", "p%20w%2F%2B%26%257", "p+w%2F%2B%26%257"):
        assert site.clean(f"GET {written} failed") == "GET ${env:PASS_WORD} failed", written
    assert "tenant-77" not in site.excerpt(Http().send("GET", server.url)) + site.clean("was tenant-77")


def test_a_secret_that_is_not_set_is_named_and_nothing_is_sent(server):
    site = Site(Access(url=Template(server.url), token=Template("${env:NOT_THERE}")), environ={})
    with pytest.raises(HttpFault, match="NOT_THERE is not set") as caught:
        site.send("GET")
    assert not caught.value.sent
    assert server.seen == []


def test_who_is_asking_is_said_in_one_way():
    url, secret = Template("http://h/"), Template("${env:A}")
    with pytest.raises(QuantityError, match="two ways"):
        Access(url=url, token=secret, username=secret, password=secret)
    with pytest.raises(QuantityError, match="half of a user and password"):
        Access(url=url, username=secret)
