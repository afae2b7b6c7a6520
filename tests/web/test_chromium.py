"""The page in Debian's Chromium, over a journal that grows while it is open."""

from pathlib import Path

import pytest

from controller.store import SqliteStore
from controller.web.feed import Feed
from tests.web.live import live
from tests.web.shop import CAMPAIGN, Shop

CHROMIUM = Path("/usr/bin/chromium")
PATIENCE = 20_000
"""Milliseconds."""

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def browser():
    if not CHROMIUM.exists():
        pytest.skip("Chromium is not installed: apt-get install chromium")
    sync = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not installed: pip install playwright"
    )
    with sync.sync_playwright() as driver:
        # No sandbox: containers that run as root have none; the page under test is our own.
        started = driver.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"]
        )
        yield started
        started.close()


@pytest.fixture
def shop(tmp_path):
    """A campaign of two days, on disk, as a daemon writes it."""
    made = Shop(SqliteStore(tmp_path / "shop.journal"), note="A simulated market; nothing real is touched.")
    made.turns(40)
    yield made
    made.store.close()


@pytest.fixture
def served(shop, tmp_path):
    with live(Feed(SqliteStore(tmp_path / "shop.journal", readonly=True))) as running:
        yield running


class Visit:
    """A page that is looked at, with all that went wrong in it and all that it asked for."""

    def __init__(self, browser, url, width=1200, height=900, scheme="light"):
        self.context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        self.page = self.context.new_page()
        self.errors, self.asked, self.url = [], [], url
        self.page.on(
            "console", lambda said: self.errors.append(said.text) if said.type in ("error", "warning") else 0
        )
        self.page.on("pageerror", lambda fault: self.errors.append(str(fault)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(url)

    def find(self, what):
        return self.page.locator(what)

    def wait(self, what):
        """Until there is such an element; a style of selectors only, since the policy forbids evaluated strings."""
        self.page.wait_for_selector(what, state="attached", timeout=PATIENCE)

    def shows(self, record):
        self.wait(f'body[data-last="{record.number}"]')

    def is_sound(self):
        """No error on the console, none in the script, no request to another host."""
        assert self.errors == []
        host = self.url.split("/")[2]
        assert {asked.split("/")[2] for asked in self.asked} == {host}

    def ink(self):
        """Pixels of the first chart that are not empty."""
        return self.page.evaluate(
            """() => {
                const canvas = document.querySelector(".uplot canvas");
                const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
                return data.filter((value, n) => n % 4 === 3 && value > 0).length;
            }"""
        )

    def overflow(self):
        return self.page.evaluate(
            "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )


@pytest.fixture
def visit(browser):
    visits = []

    def begin(url, **how):
        visits.append(Visit(browser, url, **how))
        return visits[-1]

    yield begin
    for each in visits:
        each.context.close()


def newest(shop):
    return shop.store.last("tick")


def test_a_live_point_appears_without_error_and_without_another_host(shop, served, visit, tmp_path):
    seen = visit(served.url)
    seen.shows(newest(shop))
    points = int(seen.find("body").get_attribute("data-points"))
    shop.turns(3)
    seen.shows(newest(shop))
    assert int(seen.find("body").get_attribute("data-points")) == points + 3
    assert seen.find("#mode").inner_text() == "AUTO"
    assert seen.find("#campaign").inner_text() == "summer-cap-lottery"
    assert seen.find("#link").inner_text() == "live"
    assert seen.find("#lost").is_hidden()
    assert seen.find("#note").inner_text() == "A simulated market; nothing real is touched."
    assert seen.find(".card").count() == 3  # KPI, lever, budget
    assert seen.ink() > 1000
    seen.is_sound()
    seen.page.screenshot(path=str(tmp_path / "page.png"), full_page=True)
    assert (tmp_path / "page.png").stat().st_size > 20_000


def test_numbers_are_those_of_the_journal(shop, served, visit):
    seen = visit(served.url)
    shop.turns(2)
    record = newest(shop)
    seen.shows(record)
    units, rate = record.columns["signal.units.value"][0], record.columns["applied.win_rate"][0]
    kpi, lever, money = (seen.find(".card").nth(n).inner_text() for n in range(3))
    assert f"{100 * units / 115:.1f} %" in kpi
    assert f"{f'{units:.1f}'.removesuffix('.0')} units/h against 115 units/h" in kpi
    assert f"{100 * rate:.2f} %" in lever
    assert f"{shop.till.paid:,.0f} CNY" in money
    assert "of 50,000" in money
    assert "plan by now" in money


def test_a_band_over_an_hour_judges_the_mean_of_an_hour_whatever_span_is_shown(shop, served, visit):
    seen = visit(served.url)
    seen.shows(newest(shop))
    values = [record.columns["signal.units.value"][0] for record in shop.store.records(kinds=("tick",))]
    mean = f"{100 * sum(values[-12:]) / (12 * 115):.1f}".removesuffix(".0")
    for n in range(4):
        seen.find("#spans button").nth(n).click()
        assert f"band ±5 % over 1 h, mean {mean} %" in seen.find(".card").first.inner_text()
        assert seen.find(".card").first.locator(".chip").inner_text() in ("below its band", "in its band")
    assert "mean over 1 h" in seen.find(".card").first.locator(".u-legend").inner_text()


def test_a_dead_sensor_is_an_alarm_a_hold_and_a_fallback_that_explain_themselves(shop, served, visit):
    seen = visit(served.url)
    seen.shows(newest(shop))
    assert seen.find(".alarm").count() == 0
    shop.dead = True
    shop.turns(6)
    seen.wait('body[data-standing="held"]')
    assert seen.find("#mode").inner_text() == "HELD"
    assert "units gives no believable data" in seen.find("#standing").inner_text()
    assert "30 min ago" in seen.find("#standing").inner_text()
    assert "Held (high)" in seen.find(".alarm").inner_text()
    assert "mend the source" in seen.find(".alarm").inner_text()
    assert "held, since the sensor units gives no data" in seen.find(".why").nth(1).inner_text()
    shop.turns(12)
    seen.wait('body[data-standing="fallback"]')
    assert seen.find("#mode").inner_text() == "FALLBACK"
    assert "fallback: safe value" in seen.find(".card").nth(1).inner_text()
    assert seen.find(".alarm.critical").count() == 1
    shop.dead = False
    shop.turns(6)
    seen.wait('body[data-standing="auto"]')
    seen.is_sound()


def test_moves_are_listed_newest_first_with_times_and_orders_between_them(shop, served, visit):
    shop.order("hold", channel="win_rate")
    shop.turns(2)
    shop.order("resume")
    shop.turns(6)
    seen = visit(served.url)
    seen.shows(newest(shop))
    texts = [seen.find("#moves li").nth(n).inner_text() for n in range(seen.find("#moves li").count())]
    times = [seen.find("#moves time").nth(n).get_attribute("datetime") for n in range(len(texts))]
    assert 3 <= len(texts) <= 12
    assert times == sorted(times, reverse=True)
    assert any("by kim: lunch" in text for text in texts)
    assert any(" moves since " in text for text in texts)  # small steps one way are told as one
    assert "Win-rate" in texts[0]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_every_width_in_light_and_dark(shop, served, visit, scheme):
    shop.dead = True
    shop.turns(8)  # with an alarm, the longest state
    seen = visit(served.url, scheme=scheme)
    seen.shows(newest(shop))
    ground = seen.page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, ground.strip("rgb()").split(","))) < 200) == (scheme == "dark")
    for width in (320, 375, 768, 1600):
        seen.page.set_viewport_size({"width": width, "height": 800})
        seen.page.reload()
        seen.shows(newest(shop))
        assert seen.overflow() <= 0
    seen.is_sound()


def test_a_chosen_span_of_time_and_a_pointer_over_the_chart(shop, served, visit):
    seen = visit(served.url)
    seen.shows(newest(shop))
    legend = seen.find(".card").first.locator(".u-legend")
    seen.find("#spans button").first.click()
    assert seen.find('#spans button[aria-pressed="true"]').inner_text() == "hour"
    box = seen.find(".u-over").first.bounding_box()
    seen.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert "%" in legend.inner_text()
    seen.is_sound()


def test_hostile_names_are_only_ever_text(visit):
    name = "<img src=x onerror=alert(1)>"
    stores = ("<script>alert(2)</script>", '"><svg onload=alert(3)>', "plain")
    shop = Shop(name=name, names=stores, note="<b onclick=alert(4)>bold</b>")
    shop.turns(30)
    shop.dead = True
    shop.turns(6)
    with live(Feed(shop.store)) as served:
        seen = visit(served.url)
        dialogs = []
        seen.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        seen.shows(newest(shop))
        assert seen.find("#campaign").inner_text() == name
        assert seen.find("#note").inner_text() == "<b onclick=alert(4)>bold</b>"
        assert seen.find("img, svg, script:not([src])").count() == 0
        with seen.page.expect_navigation():
            seen.find("#cells select").select_option(stores[0])
        seen.shows(newest(shop))
        assert stores[0] in seen.find(".why").nth(1).inner_text()
        assert dialogs == []
        seen.is_sound()


def test_an_empty_journal_says_so_and_the_campaign_appears_when_it_begins(tmp_path, visit):
    store = SqliteStore(tmp_path / "new.journal")
    with live(Feed(SqliteStore(tmp_path / "new.journal", readonly=True))) as served:
        seen = visit(served.url)
        seen.wait('body[data-link="live"]')
        assert "no turn yet" in seen.find("#standing").inner_text()
        shop = Shop(store)
        shop.turns(2)
        seen.shows(newest(shop))
        assert seen.find(".card").count() == 3
        seen.is_sound()
    store.close()


def test_a_lost_connection_is_said_and_a_restarted_daemon_is_found_again(shop, tmp_path, visit):
    with live(Feed(SqliteStore(tmp_path / "shop.journal", readonly=True))) as served:
        seen = visit(served.url)
        seen.shows(newest(shop))
    seen.wait('body[data-link="lost"]')
    assert "What you see is old" in seen.find("#lost").inner_text()
    shop.stop()
    shop.store = SqliteStore(tmp_path / "shop.journal")
    shop.start()
    shop.turns(2)
    with live(Feed(SqliteStore(tmp_path / "shop.journal", readonly=True)), served.port):
        seen.shows(newest(shop))
        seen.wait('body[data-link="live"]')
        assert seen.find("#lost").is_hidden()
        assert seen.find(".card").count() == 3


def test_a_reload_draws_the_page_anew(shop, served, visit):
    seen = visit(served.url)
    seen.shows(newest(shop))
    shop.reload("prizes", "gifts")
    shop.turns(2)
    seen.shows(newest(shop))
    assert seen.find(".card").count() == 3
    assert "gifts" in seen.find(".card").nth(2).inner_text()
    seen.is_sound()


def test_a_loop_that_makes_no_turns_is_said_although_the_connection_lives(visit):
    shop = Shop(text=CAMPAIGN.replace("scan: 5m", "scan: 1s"))
    shop.turns(2)
    with live(Feed(shop.store)) as served:
        seen = visit(served.url)
        seen.shows(newest(shop))
        seen.page.clock.install()
        seen.page.reload()
        seen.wait('body[data-link="live"]')
        seen.page.clock.run_for(20_000)
        seen.wait('body[data-link="slow"]')
        assert "one is due every 1 s" in seen.find("#lost").inner_text()
        shop.turn()
        seen.shows(newest(shop))
        seen.page.clock.run_for(2_000)
        seen.wait('body[data-link="live"]')
        seen.is_sound()
