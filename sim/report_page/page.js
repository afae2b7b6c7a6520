// The page: a scenario and a policy are chosen, and their fans are drawn. Everything is in the document; nothing is asked for.

import { fanOf } from "./decode.js";
import { FanChart, element } from "./fans.js";
import { level, number } from "./words.js";

const TIED = "\u00a0"; // keeps a number and its % on one line
const data = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);
let shown = [];

const percentOf = (value) => (value === null ? "no value" : `${number(value, 1)}${TIED}%`);
const inUnit = (unit) => (value) => (value === null ? "no value" : level(value, unit));

function kpi(name, scenario, row) {
  const fan = fanOf(row.kpi[name], data.grids, scenario.starts);
  const still = scenario.rows[scenario.still]?.kpi[name];
  const compare = still && row !== scenario.rows[scenario.still] ? fanOf(still, data.grids, scenario.starts) : null;
  const hundred = (line) => line.map((value) => (value === null ? null : 100 * value));
  const half = 100 * (scenario.bands[name] ?? 0);
  return {
    title: `${data.names[name] ?? name}, % of target`, value: row.said.inside, text: row.said.worst, colour: "--fan", height: 250,
    fan: { ...fan, lines: fan.lines.map(hundred) }, band: half ? [100 - half, 100 + half] : null, target: () => 100,
    still: compare && hundred(compare.lines[2]), mark: (value) => `${number(value, 1)} %`, said: percentOf,
  };
}

function lever(name, scenario, row) {
  const fan = fanOf(row.levers[name], data.grids, scenario.starts);
  const share = fan.unit === "share";
  const scaled = share ? fan.lines.map((line) => line.map((value) => (value === null ? null : 100 * value))) : fan.lines;
  return {
    title: data.names[name] ?? name, value: "", text: row.said.moves, colour: "--lever", height: 170, fan: { ...fan, lines: scaled },
    band: null, target: null, still: null, stepped: true,
    mark: (value) => number(value, 2) + (share ? " %" : ""), said: share ? (value) => (value === null ? "no value" : `${number(value, 2)}${TIED}%`) : inUnit(fan.unit),
  };
}

function spend(scenario, row) {
  const fan = fanOf(row.spend, data.grids, scenario.starts);
  const pace = data.pace && ((at) => data.pace * (at - scenario.starts));
  return {
    title: "Money paid and owed", value: row.said.spend ?? "", text: row.said.dearest ?? "", colour: "--money", height: 170, fan,
    band: null, target: pace, named: pace && "the budget spent evenly", still: null, mark: (value) => number(value, 2), said: inUnit(fan.unit),
  };
}

function chartsOf(scenario, row) {
  const charts = [
    ...Object.keys(row.kpi).map((name) => kpi(name, scenario, row)),
    ...Object.keys(row.levers).map((name) => lever(name, scenario, row)),
    ...(row.spend ? [spend(scenario, row)] : []),
  ];
  const last = Math.max(...charts.map((chart) => chart.fan.times.at(-1)));
  return charts.map((chart) => ({ ...chart, range: [scenario.starts, last] }));
}

// Under the charts, and as wide as they are: which guardrail bound on which day.
function strips(row) {
  const place = element("div", { class: "bound" });
  for (const [name, days] of Object.entries(row.bound)) {
    const strip = element("div", { class: "days", role: "img", "aria-label": `${name} bound on ${days.filter((shade) => shade > 0).length} of ${days.length} days` });
    strip.append(...days.map((shade) => element("i", { class: `shade${shade}` })));
    place.append(element("span", {}, name), strip);
  }
  return place;
}

function legend(charts) {
  const line = element("p", { class: "facts legend" });
  const add = (kind, text) => {
    const entry = element("span");
    entry.append(element("i", { class: `swatch ${kind}` }), text);
    line.append(entry);
  };
  add("far", "nine of ten futures");
  add("near", "half of them");
  add("middle", "the one in the middle");
  if (charts.some((chart) => chart.band)) add("band", "the band");
  if (charts.some((chart) => chart.still)) add("still", "doing nothing, in the middle");
  if (charts.some((chart) => chart.named)) add("pace", "the target; the budget spent evenly");
  else add("pace", "the target");
  return line;
}

function show() {
  const scenario = data.scenarios[$("scenario").value];
  const row = scenario.rows[$("policy").value];
  shown.forEach((chart) => chart.remove());
  const card = element("article", { class: "card wide" });
  $("charts").replaceChildren(card);
  $("about").textContent = `${scenario.about} Good: ${scenario.good} ${row.name}: ${row.about}.`;
  const charts = chartsOf(scenario, row);
  card.append(legend(charts));
  shown = charts.map((chart) => new FanChart(chart, card, data.zone));
  if (Object.keys(row.bound).length) card.append(element("h3", {}, "Days on which a guardrail bound"), strips(row));
  Object.assign(document.body.dataset, { scenario: $("scenario").value, policy: $("policy").value, charts: charts.length });
}

// Another scenario keeps the policy, where it has it.
function choose() {
  const { rows } = data.scenarios[$("scenario").value];
  const before = $("policy").value;
  $("policy").replaceChildren(...Object.entries(rows).map(([name, row]) => element("option", { value: name }, row.name)));
  if (rows[before]) $("policy").value = before;
  show();
}

function onPaper(yes) {
  document.documentElement.classList.toggle("paper", yes);
  show();
}

function start() {
  if (!Object.keys(data.scenarios).length) return;
  $("choice").hidden = false;
  for (const hidden of document.querySelectorAll(".js")) hidden.hidden = false;
  $("scenario").addEventListener("change", choose);
  $("policy").addEventListener("change", show);
  document.addEventListener("click", (event) => {
    const kind = event.target.closest?.("[data-scenario]:not(body)")?.dataset.scenario;
    if (kind) { $("scenario").value = kind; choose(); $("scenario").focus({ preventScroll: true }); }
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
  addEventListener("beforeprint", () => onPaper(true));
  addEventListener("afterprint", () => onPaper(false));
  choose();
}

start();
