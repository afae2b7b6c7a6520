// The page: draws what the journal says, and follows it. Asks this host only, and changes nothing.

const KEEP = 4000;
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const $ = (id) => document.getElementById(id);

let about = null;
let zone = "UTC";
let points = [];
let cards = [];

const number = (value, digits = 0) => value.toLocaleString("en", { maximumFractionDigits: digits });

function shown(value, unit) {
  if (value === null || value === undefined) return "–";
  if (unit === "share") return `${(100 * value).toFixed(2)} %`;
  return `${number(value, Math.abs(value) < 100 ? 2 : 0)} ${unit}`;
}

function moment(seconds, style) {
  return new Intl.DateTimeFormat("en-GB", { timeZone: zone, ...style }).format(new Date(seconds * 1000));
}

function word(name) {
  return name.replaceAll("_", "-");
}

function element(tag, attributes = {}, text = "") {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text) made.textContent = text;
  return made;
}

// -- charts: each says what its series are, and what its headline is ----------------------------------------------

function kpiChart(name, loop) {
  const band = 100 * loop.band;
  return {
    title: word(name), wide: true, unit: " %",
    headline: (p) => {
      const now = p.loops[name];
      if (now.share === null) return ["–", "no value yet"];
      const held = now.state === "live" ? "" : ` · ${now.state === "hold" ? "held: no good data" : "fallback: no good data"}`;
      return [`${(100 * now.share).toFixed(1)} %`,
        `of target · ${shown(now.value, loop.unit)} against ${shown(now.setpoint, loop.unit)}${band ? ` · band ±${number(band, 1)} %` : ""}${held}`];
    },
    series: [
      { label: "band, high", values: () => 100 + band, width: 0 },
      { label: "band, low", values: () => 100 - band, width: 0 },
      { label: "target", values: () => 100, colour: "--target", dash: [6, 4] },
      { label: "% of target", values: (p) => (p.loops[name].share === null ? null : 100 * p.loops[name].share), colour: "--kpi", width: 2 },
    ],
    band: [0, 1],
  };
}

function leverChart(name, channel) {
  const scale = channel.unit === "share" ? 100 : 1;
  const of = (pick) => (p) => {
    const value = pick(p.outputs[name]);
    return value === null ? null : scale * value;
  };
  return {
    title: word(name), unit: channel.unit === "share" ? " %" : ` ${channel.unit}`,
    headline: (p) => {
      const now = p.outputs[name];
      const advice = p.mode !== "auto" && now.advice !== null ? ` · advice ${shown(now.advice, channel.unit)}` : "";
      const doubt = now.known ? "" : " · not confirmed";
      return [shown(now.applied, channel.unit), `${now.mode} · allowed ${shown(now.low, channel.unit)} to ${shown(now.high, channel.unit)}${advice}${doubt}`];
    },
    series: [
      { label: "highest allowed", values: of((o) => o.high), colour: "--target", dash: [2, 4], stepped: true },
      { label: "lowest allowed", values: of((o) => o.low), colour: "--target", dash: [2, 4], stepped: true },
      { label: "advice", values: of((o) => o.advice), colour: "--lever", dash: [5, 4], stepped: true },
      { label: "in force", values: of((o) => o.applied), colour: "--lever", width: 2, stepped: true },
    ],
  };
}

function budgetChart(name, budget) {
  const first = () => points.find((p) => p.budgets[name].paid !== null);
  const plan = (p) => {
    if (!about.starts_at || !about.ends_at || budget.plan !== "even") return null;
    const share = (p.time - about.starts_at) / (about.ends_at - about.starts_at);
    return budget.total * Math.min(Math.max(share, 0), 1);
  };
  const paid = (p) => p.budgets[name].paid;
  return {
    title: `${word(name)}, spent`, unit: ` ${budget.currency}`,
    headline: (p) => {
      if (!first()) return ["–", "no reading of what was paid"];
      const owed = p.budgets[name].owed;
      const debt = owed === null ? "" : ` · ${number(owed)} owed`;
      const planned = plan(p) === null ? "" : ` · plan ${number(plan(p))}`;
      return [`${number(paid(p))} ${budget.currency}`, `of ${number(budget.total)}${debt}${planned}`];
    },
    series: [
      { label: "plan", values: plan, colour: "--target", dash: [6, 4] },
      { label: "paid", values: paid, colour: "--money", width: 2 },
    ],
  };
}

function chartsOf(campaign) {
  const loops = Object.entries(campaign.loops).map(([name, loop]) => kpiChart(name, loop));
  const levers = Object.entries(campaign.channels).map(([name, channel]) => leverChart(name, channel));
  const budgets = Object.entries(campaign.budgets).filter(([, b]) => b.paid).map(([name, budget]) => budgetChart(name, budget));
  return [...loops, ...levers, ...budgets];
}

// -- drawing -------------------------------------------------------------------------------------------------------

function axes(chart) {
  const ink = { stroke: css("--soft"), grid: { stroke: css("--line"), width: 1 }, ticks: { stroke: css("--line") } };
  const short = (value) => number(value, 2) + (chart.unit.length < 4 ? chart.unit : "");
  return [
    { ...ink, values: (u, splits) => splits.map((s) => moment(s, { weekday: "short", hour: "2-digit", minute: "2-digit" })), space: 110 },
    { ...ink, values: (u, splits) => splits.map(short), size: 72 },
  ];
}

function build(chart) {
  const card = element("article", { class: chart.wide ? "card wide" : "card half" });
  const head = element("h2");
  head.append(element("span", {}, chart.title), element("b"), element("span"));
  const plot = element("div", { class: "plot" });
  card.append(head, plot);
  $("charts").append(card);
  const series = chart.series.map((s) => ({
    label: s.label, stroke: s.colour ? css(s.colour) : "transparent", width: s.width ?? 1, dash: s.dash, spanGaps: false,
    points: { show: false }, paths: s.stepped ? uPlot.paths.stepped({ align: 1 }) : undefined,
  }));
  const options = {
    width: plot.clientWidth, height: chart.wide ? 240 : 190, series: [{}, ...series], axes: axes(chart),
    cursor: { points: { show: false } }, legend: { show: false },
    bands: chart.band ? [{ series: [chart.band[0] + 1, chart.band[1] + 1], fill: css("--band") }] : [],
  };
  const drawn = new uPlot(options, table(chart), plot);
  new ResizeObserver(() => drawn.setSize({ width: plot.clientWidth, height: options.height })).observe(plot);
  return { chart, drawn, head };
}

function table(chart) {
  return [points.map((p) => p.time), ...chart.series.map((s) => points.map((p) => s.values(p)))];
}

function draw() {
  const last = points.at(-1);
  if (!last) return;
  for (const { chart, drawn, head } of cards) {
    drawn.setData(table(chart));
    const [value, about_] = chart.headline(last);
    head.children[1].textContent = value;
    head.children[2].textContent = about_;
  }
  $("mode").textContent = last.gate ? `${last.mode}, gate closed` : last.mode;
  $("mode").className = `badge ${last.gate ? "advise" : last.mode}`;
  $("clock").textContent = moment(last.time, { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
  document.body.dataset.points = String(points.length);
  document.body.dataset.last = String(last.id);
  alarms(last);
}

function alarms(last) {
  const lines = last.conditions.map(([code, , text]) => {
    const line = element("p", { class: "alarm" });
    line.append(element("strong", {}, `${word(code).replaceAll("-", " ")}: `), text);
    return line;
  });
  $("alarms").replaceChildren(...lines);
}

function tell(moves) {
  if (!moves.length) return;
  const lines = moves.slice(-12).reverse().map((move) => {
    const line = element("li");
    line.append(element("time", {}, moment(move.time, { weekday: "short", hour: "2-digit", minute: "2-digit" })), move.why);
    return line;
  });
  $("moves").replaceChildren(...lines);
}

// -- following -----------------------------------------------------------------------------------------------------

let told = [];
let waiting = false;

function take(point) {
  const before = points.at(-1);
  if (before && point.id <= before.id) return;
  points.push(point);
  if (points.length > KEEP) points = points.filter((_, n) => n % 2 === 0 || n > KEEP - 500);
  for (const [name, output] of Object.entries(point.outputs)) {
    if (before && before.outputs[name] && output.applied !== before.outputs[name].applied) {
      told.push({ time: point.time, channel: name, why: point.why[name] });
    }
  }
  told = told.slice(-50);
  if (!waiting) {
    waiting = true;
    requestAnimationFrame(() => { waiting = false; draw(); tell(told); });
  }
}

function follow() {
  const source = new EventSource(`/api/stream?after=${points.at(-1)?.id ?? -1}`);
  source.onopen = () => { $("link").textContent = "live"; $("link").className = ""; };
  source.onerror = () => { $("link").textContent = "connection lost, trying again"; $("link").className = "lost"; };
  source.onmessage = (event) => take(JSON.parse(event.data));
}

async function begin() {
  about = await (await fetch("/api/campaign")).json();
  if (!about.campaign) { setTimeout(begin, 1000); return; }
  zone = (about.zones || ["UTC"])[0];
  const history = await (await fetch("/api/history")).json();
  points = history.points;
  told = history.moves;
  document.title = `${about.campaign} · Setpoint`;
  $("campaign").textContent = word(about.campaign);
  if (about.note) { $("note").hidden = false; $("note").textContent = about.note; }
  cards = chartsOf(about).map(build);
  draw();
  tell(told);
  follow();
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => location.reload());
begin();
