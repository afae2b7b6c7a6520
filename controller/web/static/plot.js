// Draws one chart into one card, and again whenever the points change. The only file that knows uPlot.

import { moment, number } from "./words.js";

const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export function element(tag, attributes = {}, text = "") {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text) made.textContent = text;
  return made;
}

function styleOf(seconds) {
  return seconds <= 600 ? "second" : seconds <= 86400 ? "minute" : seconds <= 4 * 86400 ? "hour" : "day";
}

function axes(chart, zone) {
  const ink = { stroke: css("--soft"), grid: { stroke: css("--line"), width: 1 }, ticks: { stroke: css("--line"), width: 1 } };
  const marks = (u, splits) => {
    const style = styleOf(u.scales.x.max - u.scales.x.min);
    return splits.map((at) => moment(at, style, zone));
  };
  const values = (u, splits) => splits.map((value) => number(value, 2) + (chart.suffix.length < 4 ? chart.suffix : ""));
  return [{ ...ink, values: marks, space: 90, size: 30 }, { ...ink, values, size: 64 }];
}

function line(chart, given) {
  const value = (u, v) => (v === null || v === undefined ? "" : number(v, chart.decimals) + chart.suffix);
  return {
    label: given.label, stroke: given.colour ? css(given.colour) : "transparent", width: given.width ?? 1, dash: given.dash, value,
    auto: !given.hidden, points: { show: false },
    paths: given.stepped ? uPlot.paths.stepped({ align: 1 }) : undefined,
  };
}

// Room above and below the lines; never less than a band that must be seen whole.
function room(chart) {
  return (u, low, high) => {
    if (low === null || high === null) return chart.near ?? [0, 1];
    const [least, most] = chart.near ?? [low, high];
    const [bottom, top] = [Math.min(low, least), Math.max(high, most)];
    const margin = 0.06 * (top - bottom || Math.abs(top) || 1);
    return [bottom >= 0 ? Math.max(bottom - margin, 0) : bottom - margin, top + margin];
  };
}

export class Plot {
  constructor(chart, place, zone, range) {
    this.chart = chart;
    this.points = [];
    this.card = element("article", { class: chart.wide ? "card wide" : "card" });
    this.value = element("b");
    this.chip = element("em", { class: "chip" });
    this.text = element("p", { class: "facts" });
    this.why = element("p", { class: "why" });
    const head = element("h2");
    head.append(element("span", {}, chart.title), this.value, this.chip);
    this.place = element("div", { class: "plot" });
    this.shaded = element("p", { class: "facts" }, "Shaded: no believable data.");
    this.card.append(head, this.text, this.place, this.shaded, this.why);
    place.append(this.card);
    this.drawn = this.made(zone, range);
    this.observer = new ResizeObserver(() => this.fit());
    this.observer.observe(this.place);
  }

  made(zone, range) {
    const { chart } = this;
    const options = {
      width: Math.max(this.place.clientWidth, 50), height: chart.wide ? 230 : 180, axes: axes(chart, zone),
      series: [{ label: "\u00a0", value: (u, at) => (at === null || at === undefined ? "" : moment(at, "full", zone)) }, ...chart.lines.map((given) => line(chart, given))],
      scales: { x: { time: true, range }, y: { range: room(chart) } }, cursor: { points: { show: false }, drag: { x: false, y: false } },
      tzDate: (at) => uPlot.tzDate(new Date(at * 1000), zone),
      bands: chart.band ? [{ series: [chart.band[0], chart.band[1]], fill: css("--band") }] : [],
      hooks: { drawClear: [(u) => this.shade(u)] },
    };
    return new uPlot(options, this.columns(), this.place);
  }

  fit() {
    if (this.place.clientWidth) this.drawn.setSize({ width: this.place.clientWidth, height: this.drawn.height });
  }

  columns() {
    return [this.points.map((p) => p.time), ...this.chart.lines.map((given) => this.column(given))];
  }

  column(given) {
    return given.all ? given.all(this.points) : this.points.map((p) => given.values(p) ?? null);
  }

  // The times without believable data, behind the lines.
  shade(u) {
    if (!this.chart.lost) return;
    u.ctx.save();
    u.ctx.fillStyle = css("--shade");
    const { left, top, width, height } = u.bbox;
    const at = (time) => Math.min(Math.max(u.valToPos(time, "x", true), left), left + width);
    this.points.forEach((point, n) => {
      if (n && this.chart.lost(point)) u.ctx.fillRect(at(this.points[n - 1].time), top, at(point.time) - at(this.points[n - 1].time), height);
    });
    u.ctx.restore();
  }

  show(points, from, why) {
    this.points = points;
    const first = points.findIndex((point) => point.time >= from);
    const columns = this.columns();
    this.drawn.setData(columns);
    this.name(columns, first);
    this.shaded.hidden = !this.chart.lost || !points.slice(first).some(this.chart.lost);
    const last = points.at(-1);
    if (!last) return;
    const { value, chip: [said, tone], text } = this.chart.headline(last, points);
    this.value.textContent = value;
    this.chip.textContent = said;
    this.chip.className = `chip ${tone}`;
    this.text.textContent = text;
    this.why.textContent = this.chart.why ? why[this.chart.why] ?? "" : "";
  }

  // The legend names the lines that are in sight.
  name(columns, first) {
    this.drawn.root.querySelectorAll(".u-series").forEach((row, n) => {
      row.hidden = n > 0 && (this.chart.lines[n - 1].hidden || columns[n].every((value, at) => at < first || value === null));
    });
  }

  remove() {
    this.observer.disconnect();
    this.drawn.destroy();
    this.card.remove();
  }
}
