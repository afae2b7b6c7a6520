// The page: shows what the journal says, and follows it. Asks this host only, and changes nothing.

import { chartsOf } from "./charts.js";
import { runs, told } from "./moves.js";
import { Plot, element } from "./plot.js";
import { capital, moment, span, standing, word } from "./words.js";

const KEEP = 4000;
const TOLD = 100;
const SPANS = [["hour", 3600], ["day", 86400], ["week", 7 * 86400], ["all", Infinity]];
const SILENT = 40_000; // milliseconds without a word from the host: the stream is dead, whatever the browser thinks
const $ = (id) => document.getElementById(id);
const cell = new URLSearchParams(location.search).get("cell");
const only = cell ? `&cell=${encodeURIComponent(cell)}` : "";

const page = { about: null, version: "", zone: "UTC", points: [], moves: [], why: {}, alarms: [], stopped: "", span: 86400 };
let plots = [];
let source = null;
let heard = 0;
let arrived = 0;

// -- showing -------------------------------------------------------------------------------------------------------

function range() {
  const last = page.points.at(-1)?.time ?? 0;
  const first = Math.max(page.points[0]?.time ?? 0, last - page.span);
  return [first, last > first ? last : first + 1];
}

function show() {
  const last = page.points.at(-1);
  alarms();
  moves();
  if (!last) { $("standing").textContent = "The journal has no turn yet: the first one is shown as soon as it is made."; return; }
  const [from] = range();
  for (const plot of plots) plot.show(page.points, from, page.why);
  const [key, sentence] = page.stopped ? ["stopped", `The campaign's daemon has stopped: ${page.stopped}.`] : standing(last, page.about, page.zone);
  $("standing").textContent = sentence;
  $("standing").className = key;
  $("mode").textContent = { held: "held", fallback: "fallback", stopped: "stopped", suspended: "suspended", override: "override" }[key] ?? (key === "gated" ? "auto, not permitted" : last.mode);
  $("mode").className = `badge ${key}`;
  $("clock").textContent = `as of ${moment(last.time, "full", page.zone)} ${page.zone}`;
  Object.assign(document.body.dataset, { points: page.points.length, last: last.id, standing: key, mode: last.mode });
}

function alarms() {
  $("alarms").replaceChildren(...page.alarms.map((alarm) => {
    const line = element("div", { class: `alarm ${alarm.over === null ? alarm.severity : "over"}` });
    const said = element("p");
    said.append(element("strong", {}, `${capital(alarm.code.replaceAll("_", " "))} (${alarm.severity}): `), alarm.text);
    line.append(said);
    const times = alarm.since === null ? "" : `Since ${moment(alarm.since, "full", page.zone)}. `;
    const end = alarm.over === null ? "" : `Over since ${moment(alarm.over, "full", page.zone)}, and nobody has acknowledged it yet (setpoint ack). `;
    const seen = alarm.acked_by ? `Acknowledged by ${alarm.acked_by}. ` : "";
    const advice = alarm.over === null ? `What follows: ${alarm.consequence}. Do: ${alarm.action}.` : "";
    line.append(element("p", { class: "quiet" }, `${times}${end}${seen}${advice}`));
    return line;
  }));
}

function moves() {
  if (!page.moves.length) return;
  const day = (at) => moment(at, "day", page.zone);
  const today = page.points.length ? day(page.points.at(-1).time) : "";
  const clock = (at) => moment(at, day(at) === today ? "minute" : "full", page.zone);
  $("moves").replaceChildren(...runs(page.moves).slice(-12).reverse().map((run) => {
    const [head, rest] = told(run, page.about.channels, clock);
    const line = element("li", { class: run.at(-1).channel ? "move" : "order" });
    const { time } = run.at(-1);
    line.append(element("time", { datetime: new Date(time * 1000).toISOString() }, clock(time)), element("b", {}, head));
    if (rest) line.append(element("span", {}, rest));
    return line;
  }));
}

// -- choosing ------------------------------------------------------------------------------------------------------

function spans() {
  $("spans").replaceChildren(...SPANS.map(([name, seconds]) => {
    const button = element("button", { type: "button", "aria-pressed": String(page.span === seconds) }, name);
    button.addEventListener("click", () => { page.span = seconds; spans(); show(); });
    return button;
  }));
}

function cells() {
  const names = page.about.cells;
  $("cells").hidden = names.length < 2;
  if (names.length < 2) return;
  const choice = $("cells").querySelector("select");
  const every = element("option", { value: "" }, `all ${names.length}: their median, and money as their sum`);
  choice.replaceChildren(every, ...names.map((name) => element("option", { value: name }, name)));
  choice.value = page.about.cell ?? "";
  choice.onchange = () => { location.search = choice.value ? `?cell=${encodeURIComponent(choice.value)}` : ""; };
}

// -- following -----------------------------------------------------------------------------------------------------

function take(news) {
  const last = page.points.at(-1)?.id ?? -1;
  const fresh = news.points.filter((point) => point.id > last);
  if (fresh.length) arrived = performance.now();
  page.points.push(...fresh);
  if (page.points.length > KEEP) page.points = page.points.filter((_, n) => n % 2 === 0 || n > KEEP / 2);
  const newest = page.moves.at(-1)?.id ?? -1;
  page.moves = [...page.moves, ...news.moves.filter((move) => move.id > newest)].slice(-TOLD);
  Object.assign(page, { why: news.why, alarms: news.alarms, stopped: news.stopped });
}

let drawing = false;

function soon() {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => { drawing = false; show(); });
}

function link(state, text) {
  $("link").textContent = text;
  $("lost").hidden = state === "live";
  $("lost").textContent = text;
  document.body.dataset.link = state;
}

function later(text) {
  source?.close();
  source = null;
  link("lost", `${text}. ${page.points.length ? "What you see is old; trying again" : "Trying again"}.`);
  setTimeout(begin, 2000);
}

function follow() {
  const after = page.points.at(-1)?.id ?? -1;
  source = new EventSource(`api/stream?after=${after}&version=${encodeURIComponent(page.version)}${only}`);
  const hear = (act) => (event) => { heard = performance.now(); act(event); };
  source.onopen = hear(() => link("live", "live"));
  source.onmessage = hear((event) => { take(JSON.parse(event.data)); soon(); });
  source.addEventListener("beat", hear(() => {}));
  source.addEventListener("anew", () => { source.close(); begin(); });
  source.addEventListener("trouble", (event) => later(capital(JSON.parse(event.data).text)));
  source.onerror = () => {
    if (source?.readyState === EventSource.CLOSED) later("The connection is lost");
    else link("lost", "The connection to the daemon is lost. What you see is old; trying again.");
  };
}

// A quiet stream: dead, or a loop that makes no turns.
function watch() {
  if (!source || source.readyState !== EventSource.OPEN) return;
  if (performance.now() - heard > SILENT) { later("Nothing has been heard from the daemon for a while"); return; }
  const quiet = (performance.now() - arrived) / 1000;
  const slow = page.about.scan && quiet > 3 * page.about.scan + 10 && !page.stopped;
  if (slow) link("slow", `No turn for ${span(quiet)}; one is due every ${span(page.about.scan)}. What you see is old.`);
  else if (document.body.dataset.link === "slow") link("live", "live");
}

async function asked() {
  try {
    const answer = await fetch(`api/history?${only.slice(1)}`);
    if (answer.ok) return await answer.json();
    later(capital((await answer.text()).trim()));
  } catch {
    later("The daemon does not answer");
  }
  return null;
}

async function begin() {
  const answer = await asked();
  if (answer) start(answer);
}

function start({ version, campaign, ...news }) {
  Object.assign(page, { about: campaign, version, zone: (campaign.zones || ["UTC"])[0], points: [], moves: [] });
  plots.forEach((plot) => plot.remove());
  plots = [];
  take(news);
  arrived = heard = performance.now();
  document.querySelector("nav").hidden = !version;
  if (version) {
    document.title = `${campaign.campaign} · Setpoint`;
    $("campaign").textContent = word(campaign.campaign);
    $("note").hidden = !campaign.note;
    $("note").textContent = campaign.note ?? "";
    spans();
    cells();
    plots = chartsOf(campaign, page.zone).map((chart) => new Plot(chart, $("charts"), page.zone, range));
  }
  show();
  follow();
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => location.reload());
setInterval(watch, 1000);
begin();
