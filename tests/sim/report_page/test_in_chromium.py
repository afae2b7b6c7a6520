"""The report in Debian's Chromium, opened from a disk with the network off, by a manager with a keyboard."""

from pathlib import Path

import pytest

from sim.report_page.build import build
from tests.sim.report_page.kit import NOW, Kit

CHROMIUM = Path("/usr/bin/chromium")
PATIENCE = 20_000
"""Milliseconds."""
KINDS = ("steady", "shock", "zero_gain")
HOSTILE = "<img src=x onerror=alert(1)>"

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


@pytest.fixture(scope="module")
def evidence():
    return Kit(kinds=KINDS, policies=("config", "fixed", "updown")).evidence()


@pytest.fixture(scope="module")
def file(evidence, tmp_path_factory):
    """The report on disk."""
    return written(tmp_path_factory, build(evidence, now=NOW))


def written(folders, text):
    place = folders.mktemp("mailed") / "evidence.html"
    place.write_text(text, encoding="utf-8")
    return place


class Reader:
    """Somebody who opens the file, with all that went wrong and all that it asked for."""

    def __init__(self, browser, file, width=1200, scheme="light", scripts=True):
        self.context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            offline=True,
            java_script_enabled=scripts,
        )
        self.page, self.file = self.context.new_page(), file
        self.errors, self.asked, self.dialogs = [], [], []
        self.page.on("console", lambda said: self.errors.append(said.text))
        self.page.on("pageerror", lambda fault: self.errors.append(str(fault)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))
        self.page.goto(file.as_uri())
        if scripts:
            self.drawn()

    def find(self, what):
        return self.page.locator(what)

    def drawn(self, **shown):
        """Until the charts are there, those of a scenario or policy where one is named."""
        marks = "".join(f'[data-{name}="{value}"]' for name, value in shown.items())
        self.page.wait_for_selector(f"body[data-charts]{marks}", state="attached", timeout=PATIENCE)
        self.page.wait_for_selector(".fan canvas", state="attached", timeout=PATIENCE)

    def ink(self):
        """For each chart: how many of its pixels are drawn, and a sum that tells pictures apart."""
        return self.page.evaluate(
            """() => [...document.querySelectorAll(".fan canvas")].map((canvas) => {
                const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
                let [drawn, sum] = [0, 0];
                for (let n = 0; n < data.length; n += 4) {
                    if (data[n + 3]) { drawn += 1; sum = (sum * 31 + data[n] + 7 * data[n + 1] + n) % 1e9; }
                }
                return [drawn, sum];
            })"""
        )

    def read(self):
        """What stands under each chart."""
        return [text.replace("\N{NO-BREAK SPACE}", " ") for text in self.find(".fan .read").all_inner_texts()]

    def overflow(self):
        return self.page.evaluate(
            "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )

    def ground(self):
        found = self.page.evaluate("() => getComputedStyle(document.body).backgroundColor")
        return sum(map(int, found.strip("rgb()").split(",")))

    def is_sound(self):
        """Nothing on the console, nothing but the file itself asked for."""
        assert self.errors == []
        assert [url for url in self.asked if not url.startswith("data:")] == [self.file.as_uri()]
        assert self.dialogs == []


@pytest.fixture
def reader(browser, file):
    readers = []

    def begin(place=file, **how):
        readers.append(Reader(browser, place, **how))
        return readers[-1]

    yield begin
    for each in readers:
        each.context.close()


def test_it_opens_from_a_disk_without_a_network_and_draws(reader, evidence, tmp_path):
    seen = reader()
    assert [count > 5000 for count, _ in seen.ink()] == [True, True, True]
    assert seen.find("#mode").inner_text() == "NOT CERTIFIED"
    assert "simulated futures of a calm market" in seen.find(".headline").inner_text()
    assert seen.find("#scenario option").all_inner_texts() == ["Steady", "Shock", "Zero gain (failed)"]
    assert seen.find("#policy option").all_inner_texts() == ["Your plan", "Doing nothing", "Up/down rule"]
    seen.is_sound()
    seen.page.screenshot(path=str(tmp_path / "report.png"), full_page=True)
    assert (tmp_path / "report.png").stat().st_size > 100_000


def test_what_is_drawn_are_the_figures_of_the_evidence(reader, evidence):
    seen = reader()
    row = evidence.scenario("steady").row("config")
    kpi, lever, spend = seen.read()
    p05, _, p50, _, p95 = (100 * levels[-1] for levels in row.kpi["sales"].levels)
    middle, low, high = numbers(kpi)[:3]
    assert (middle, low, high) == pytest.approx((p50, p05, p95), abs=0.11)
    assert numbers(lever)[0] == pytest.approx(100 * row.levers["win_rate"].levels[2, -1], abs=0.021)
    assert numbers(spend)[0] == pytest.approx(row.spend.levels[2, -1], abs=100)
    still = evidence.scenario("steady").row("fixed").kpi["sales"].levels[2, -1]
    assert f"doing nothing {100 * still:.0f}"[:-1] in kpi


def numbers(text):
    import re

    return [float(found.replace(",", "")) for found in re.findall(r"(?<=[: ])[\d,]+\.?\d*(?= %| CNY)", text)]


def test_scenario_and_policy_are_chosen_with_the_keyboard(reader):
    seen = reader()
    first, words = seen.ink(), seen.read()
    seen.find("#scenario").focus()
    seen.page.keyboard.press("ArrowDown")
    seen.drawn(scenario="shock", policy="config")
    assert "takes a quarter of demand" in seen.find("#about").inner_text()
    second = seen.ink()
    assert all(a != b for a, b in zip(first, second, strict=True))
    seen.page.keyboard.press("Tab")
    seen.page.keyboard.press("ArrowDown")
    seen.drawn(scenario="shock", policy="fixed")
    assert "Doing nothing: the start value, left alone." in seen.find("#about").inner_text()
    assert seen.ink()[1] != second[1]
    assert "3 % in the middle" in seen.read()[1]
    assert seen.read() != words
    seen.is_sound()


def test_a_card_leads_to_its_charts_and_the_policy_stays(reader):
    seen = reader()
    seen.find("#policy").select_option("updown")
    seen.drawn(scenario="steady", policy="updown")
    seen.find('[data-scenario="zero_gain"] >> text=Show its charts').click()
    seen.drawn(scenario="zero_gain", policy="updown")
    assert seen.find("#policy").input_value() == "updown"
    assert seen.find(".days").count() == 3
    seen.is_sound()


def test_a_pointer_reads_all_three_charts_at_one_time(reader):
    seen = reader()
    seen.find(".fan .u-over").first.scroll_into_view_if_needed()
    box = seen.find(".fan .u-over").first.bounding_box()
    seen.page.mouse.move(box["x"] + box["width"] * 0.54, box["y"] + box["height"] / 2)
    seen.page.wait_for_timeout(50)
    days = [text.split(",")[0] for text in seen.read()]
    assert set(days) == {"Mon 20 Jul"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_every_width_in_light_and_dark(reader, scheme):
    seen = reader(scheme=scheme)
    assert (seen.ground() < 200) == (scheme == "dark")
    for width in (320, 375, 768, 1600):
        seen.page.set_viewport_size({"width": width, "height": 800})
        seen.page.wait_for_timeout(100)
        assert seen.overflow() <= 0, width
        assert seen.find(".fan .uplot").first.bounding_box()["width"] <= width
    seen.is_sound()


def test_paper_is_light_whatever_the_screen_is(reader):
    seen = reader(scheme="dark")
    dark = seen.ink()
    seen.page.emulate_media(media="print")
    seen.page.evaluate("() => { dispatchEvent(new Event('beforeprint')); }")
    seen.drawn()
    assert seen.ground() == 3 * 255
    assert seen.ink() != dark
    assert seen.find("#choice").is_hidden()
    seen.page.emulate_media(media="screen")
    seen.page.evaluate("() => { dispatchEvent(new Event('afterprint')); }")
    assert seen.ground() < 200
    assert seen.ink() == dark
    assert seen.page.pdf(format="A4", print_background=True).count(b"/Type /Page\n") >= 3


def test_without_scripts_everything_but_the_large_charts_is_there(reader, evidence):
    seen = reader(scripts=False)
    assert seen.find(".headline").is_visible()
    assert seen.find("#policies tbody tr").count() == 3
    assert seen.find("#scenarios article").count() == 3
    assert "These charts need JavaScript" in seen.find("#futures").inner_text()
    assert seen.find("#choice").is_hidden()
    assert not [link for link in seen.find("text=Show its charts").all() if link.is_visible()]
    box = seen.find("figure .middle").first.bounding_box()
    assert box["width"] > 100
    assert box["height"] > 5


def test_hostile_names_are_only_ever_text(reader, tmp_path_factory):
    about = {"steady": f"</script><script>alert(2)</script>{HOSTILE}"}
    kit = Kit(name=HOSTILE, kinds=("steady",), policies=("config", "fixed"), about=about)
    seen = reader(written(tmp_path_factory, build(kit.evidence(statement=HOSTILE), now=NOW, command=HOSTILE)))
    assert seen.find("h1").inner_text() == HOSTILE
    assert HOSTILE in seen.find("#about").inner_text()
    assert seen.find("img").count() == 0
    assert seen.find("script").count() == 3
    seen.is_sound()


def test_what_somebody_adds_to_the_file_is_not_run(reader, file, tmp_path_factory):
    added = "<script>document.title = 'added'</script><img src=x onerror=\"document.title = 'added'\">"
    seen = reader(written(tmp_path_factory, file.read_text().replace("</body>", f"{added}</body>")))
    assert seen.page.title() == "summer-cap-lottery · evidence · Setpoint"
    assert any("Content Security Policy" in text for text in seen.errors)
