"""The page's HTTP side: headers on every answer, no other host, names only as text, streams that resume and end."""

import asyncio
import hashlib
import http.client
import json
import re
from importlib.resources import files

import httpx2
import pytest

from controller.config.daemon import loads_daemon
from controller.daemon import build
from controller.errors import StoreError
from controller.store import MemoryStore, SqliteStore
from controller.web import app as web
from controller.web import stream
from controller.web.app import Views, page
from controller.web.feed import Feed
from controller.web.guard import HEADERS
from tests.web.live import live
from tests.web.shop import Shop

STATIC = files("controller.web") / "static"
OWN = ("index.html", "page.css", "page.js", "charts.js", "moves.js", "plot.js", "words.js")
HOSTILE = "<img src=x onerror=alert(1)>\"'&\u2028</script>"


@pytest.fixture
def shop():
    made = Shop(names=("north", "south & east"), name=HOSTILE)
    made.turns(5)
    return made


def ask(app, path, method="GET", **headers):
    """One request to the app, in process."""

    async def asked():
        transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8420") as client:
            return await client.request(method, path, headers=headers)

    return asyncio.run(asked())


# -- what it answers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("HEAD", "/", 200),
        ("GET", "/static/page.js", 200),
        ("GET", "/static/vendor/uPlot.iife.min.js", 200),
        ("GET", "/api/history", 200),
        ("GET", "/api/history?cell=south%20%26%20east", 200),
        ("GET", "/api/history?cell=nowhere", 404),
        ("GET", "/api/stream?cell=nowhere", 404),
        ("GET", "/static/../app.py", 404),
        ("GET", "/static/%2e%2e/app.py", 404),
        ("GET", "/nothing", 404),
        ("POST", "/", 405),
        ("PUT", "/api/history", 405),
        ("DELETE", "/api/stream", 405),
    ],
)
def test_every_answer_bears_the_security_headers(shop, method, path, status):
    answer = ask(page(Feed(shop.store)), path, method)
    assert answer.status_code == status
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert "nowhere" not in answer.text


def test_so_does_a_failure(shop):
    view = Feed(shop.store)
    view.look = lambda *_: 1 / 0
    answer = ask(page(view), "/api/history")
    assert answer.status_code == 500
    assert answer.headers["content-security-policy"] == HEADERS["Content-Security-Policy"]
    assert "ZeroDivisionError" not in answer.text


def test_a_journal_that_can_not_be_read_is_said_in_words(shop):
    shop.store.records = lambda *_: (_ for _ in ()).throw(StoreError("the journal is gone"))
    answer = ask(page(Feed(shop.store)), "/api/history")
    assert (answer.status_code, answer.text) == (503, "the journal is gone")
    assert answer.headers["cache-control"] == "no-store"


def test_the_policy_allows_nothing_but_this_host():
    directives = dict(part.strip().split(" ", 1) for part in HEADERS["Content-Security-Policy"].split(";"))
    assert directives.pop("default-src") == "'none'"
    assert set(directives.values()) == {"'self'", "'none'"}


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8420", ""]
)
def test_a_strange_name_for_this_host_is_refused_unless_a_proxy_stands_in_front(shop, host):
    answer = ask(page(Feed(shop.store)), "/api/history", host=host)
    assert answer.status_code == 421
    assert "behind: proxy" in answer.text
    assert answer.headers["content-security-policy"] == HEADERS["Content-Security-Policy"]
    assert ask(page(Feed(shop.store), any_host=True), "/api/history", host=host).status_code == 200


@pytest.mark.parametrize(("behind", "status"), [("nothing", 421), ("proxy", 200)])
def test_the_daemons_config_says_whether_a_proxy_stands_in_front(tmp_path, behind, status):
    store = SqliteStore(tmp_path / "a.journal")
    plan = loads_daemon(f"store: {{path: {store.path}}}\npage: {{behind: {behind}}}")
    server = build._page(plan, asyncio.Event())
    assert ask(server.app, "/api/history", host="setpoint.example").status_code == status
    store.close()


# -- what is in it -------------------------------------------------------------------------------------------------


def test_hostile_names_reach_the_browser_as_json_and_the_document_never_holds_them(shop):
    app = page(Feed(shop.store))
    answer = ask(app, "/api/history")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["campaign"]["campaign"] == HOSTILE
    assert "img" not in ask(app, "/").text


def test_the_history_holds_what_the_page_needs_and_no_config(shop):
    answer = ask(page(Feed(shop.store)), "/api/history").json()
    assert len(answer["points"]) == 5
    assert answer["campaign"]["cells"] == ["north", "south & east"]
    assert set(answer["campaign"]) == {"cell", *web.SHOWN}
    assert answer["version"] == "0.1750032000.000"


def test_an_empty_journal_is_no_error():
    answer = ask(page(Feed(MemoryStore())), "/api/history").json()
    assert (answer["version"], answer["points"], answer["campaign"]["cells"]) == ("", [], None)


def test_history_is_sent_small(shop):
    answer = ask(page(Feed(shop.store)), "/api/history")
    assert answer.headers["content-encoding"] == "gzip"


def test_feeds_of_single_cells_do_not_pile_up(monkeypatch):
    monkeypatch.setattr(web, "CELLS", 3)
    shop = Shop(names=tuple(f"store {n}" for n in range(6)))
    views = Views(Feed(shop.store))
    first = views.of("store 0")
    assert views.of("store 0") is first
    assert views.of("") is views.of(None) is views.whole
    for cell in shop.names:
        views.of(cell)
    assert list(views._single) == ["store 3", "store 4", "store 5"]
    assert views.of("store 0") is not first


# -- the files -----------------------------------------------------------------------------------------------------


def test_vendored_files_are_what_their_note_says():
    vendor = STATIC / "vendor"
    lines = re.findall(r"^([0-9a-f]{64})  (\S+)$", (vendor / "uPlot.VERSION").read_text(), re.MULTILINE)
    noted = {name: digest for digest, name in lines}
    found = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in vendor.iterdir()}
    del found["uPlot.VERSION"]
    assert noted == found
    assert len(found) == 3
    assert "Permission is hereby granted" in (vendor / "uPlot.LICENSE").read_text()


def test_our_own_files_name_no_host_and_hold_nothing_inline():
    for name in OWN:
        text = (STATIC / name).read_text()
        assert re.findall(r"(?<!:)//[\w.]", text.replace("// ", "")) == [], name
        assert "http:" not in text, name
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\(|new Function", text
        ), name
    assert {file.name for file in STATIC.iterdir() if file.is_file()} == {*OWN, "icon.svg"}
    document = (STATIC / "index.html").read_text()
    assert not re.search(r"\son\w+=|\sstyle=|<style|javascript:", document)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", document))


# -- the stream ----------------------------------------------------------------------------------------------------


class Events:
    """A browser's EventSource, as far as the tests need one."""

    def __init__(self, url, path, last=None):
        host = url.removeprefix("http://").rstrip("/")
        self.connection = http.client.HTTPConnection(host, timeout=20)
        self.connection.request("GET", path, headers={} if last is None else {"Last-Event-ID": str(last)})
        self.answer = self.connection.getresponse()

    def __iter__(self):
        event = {}
        while line := self.answer.readline().decode():
            name, _, value = line.rstrip("\n").partition(": ")
            if name:
                event[name] = value
            elif event:
                yield event
                event = {}

    def points(self, count):
        """Ids of the next `count` points, and the last event's own."""
        got = []
        for event in self:
            if "id" in event:
                got += [point["id"] for point in json.loads(event["data"])["points"]]
            if len(got) >= count:
                return got, int(event["id"])
        return got, None

    def close(self):
        self.connection.close()


def path_of(view, after=-1):
    return f"/api/stream?after={after}&version={view.look().version}"


def ticks(shop):
    return [record.number for record in shop.store.records(kinds=("tick",))]


def test_a_stream_sends_what_was_and_what_comes_and_resumes_without_gap_or_double():
    shop = Shop()
    shop.turns(3)
    view = Feed(shop.store)
    with live(view) as served:
        first = Events(served.url, path_of(view))
        assert first.answer.headers["content-type"].startswith("text/event-stream")
        before, last = first.points(3)
        shop.turns(2)
        while_open, last = first.points(2)
        first.close()
        shop.turns(4)
        again = Events(served.url, path_of(view), last)
        after, _ = again.points(4)
        again.close()
    assert before + while_open + after == ticks(shop)


def test_a_restarted_server_goes_on_where_the_browser_was():
    shop = Shop()
    shop.turns(3)
    view = Feed(shop.store)
    with live(view) as served:
        events = Events(served.url, path_of(view))
        before, last = events.points(3)
        events.close()
    shop.turns(3)
    with live(Feed(shop.store), served.port) as served:
        events = Events(served.url, path_of(view), last)
        after, _ = events.points(3)
        events.close()
    assert before + after == ticks(shop)


def test_a_campaign_that_begins_anew_tells_the_page_to_do_so_too():
    shop = Shop()
    shop.turns(2)
    view = Feed(shop.store)
    with live(view) as served:
        events = Events(served.url, path_of(view))
        events.points(2)
        shop.reload("prizes", "gifts")
        assert [event.get("event") for event in events][-1] == "anew"


def test_a_journal_that_fails_ends_the_stream_with_a_word():
    shop = Shop()
    shop.turns(2)
    view = Feed(shop.store)
    with live(view) as served:
        events = Events(served.url, path_of(view))
        events.points(2)
        shop.store.records = lambda *_: (_ for _ in ()).throw(StoreError("no disk"))
        last = list(events)[-1]
    assert (last["event"], json.loads(last["data"])) == ("trouble", {"text": "no disk"})


def test_a_quiet_stream_beats(monkeypatch):
    monkeypatch.setattr(stream, "BEAT", stream.LOOK)
    shop = Shop()
    with live(Feed(shop.store)) as served:
        events = Events(served.url, path_of(Feed(shop.store)))
        beats = (event for event in events if event.get("event") == "beat")
        assert next(beats)["data"] == "{}"
        events.close()


def test_streams_have_an_end_to_their_number_and_leave_room_when_they_close(monkeypatch):
    monkeypatch.setattr(web, "STREAMS", 1)
    shop = Shop()
    shop.turn()
    view = Feed(shop.store)
    with live(view) as served:
        one = Events(served.url, path_of(view))
        one.points(1)
        refused = Events(served.url, path_of(view))
        assert refused.answer.status == 503
        one.answer.close()
        one.close()
        while (later := Events(served.url, path_of(view))).answer.status == 503:
            later.close()
        later.close()


def test_a_stop_ends_open_streams_within_two_seconds():
    shop = Shop()
    shop.turn()
    view = Feed(shop.store)
    with live(view) as served:
        watching = [Events(served.url, path_of(view)) for _ in range(3)]
        for events in watching:
            events.points(1)
        served.stop()
        served.thread.join(2.0)
        assert not served.thread.is_alive()
        assert [events.answer.read() for events in watching] == [b"", b"", b""]  # ended: a cut would raise
