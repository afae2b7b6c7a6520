// Draws one fan: nine of ten futures, half of them, the one in the middle. The only file that knows uPlot.

import { moment } from "./words.js";

const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const SYNC = "futures";

export function element(tag, attributes = {}, text = "") {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text) made.textContent = text;
  return made;
}

function axes(chart, zone) {
  const ink = { stroke: css("--soft"), grid: { stroke: css("--line"), width: 1 }, ticks: { stroke: css("--line"), width: 1 } };
  const marks = (u, splits) => {
    const seconds = u.scales.x.max - u.scales.x.min;
    return splits.map((at) => moment(at, seconds <= 86400 ? "minute" : seconds <= 4 * 86400 ? "hour" : "day", zone));
  };
  const values = (u, splits) => splits.map((value) => chart.mark(value));
  return [{ ...ink, values: marks, space: 90, size: 30 }, { ...ink, values, size: 64 }];
}

// Lines in the order in which they are painted; `band` and the fan's areas lie between pairs of them.
function painted(chart) {
  const [p05, p25, p50, p75, p95] = chart.fan.lines;
  const clear = (values) => ({ values, stroke: "transparent" });
  return [
    clear(chart.band && (() => chart.band[1])), clear(chart.band && (() => chart.band[0])), clear(p95), clear(p05), clear(p75), clear(p25),
    { values: chart.target, stroke: css("--target"), dash: [6, 4], width: 1 },
    { values: chart.still, stroke: css("--still"), width: 1.5, dash: [2, 3] },
    { values: p50, stroke: css(chart.colour), width: 2 },
  ];
}

// Times, then the values of each line; what is a function of time is there before the fan begins, too.
function columns(chart) {
  const times = [chart.range[0], ...chart.fan.times];
  const column = (values) => (typeof values === "function" ? times.map(values) : [null, ...(values ?? chart.fan.times.map(() => null))]);
  return [times, ...painted(chart).map((line) => column(line.values))];
}

function options(chart, zone, width, onCursor) {
  const stepped = chart.stepped ? uPlot.paths.stepped({ align: 1 }) : undefined;
  const areas = [[1, 2, "--band"], [3, 4, `${chart.colour}-far`], [5, 6, `${chart.colour}-near`]];
  return {
    width, height: chart.height, padding: [8, 30, 0, 0], axes: axes(chart, zone), legend: { show: false },
    series: [{}, ...painted(chart).map((line) => ({
      stroke: line.stroke, width: line.width ?? 0, dash: line.dash, points: { show: false }, paths: stepped, pxAlign: 0,
    }))],
    bands: areas.filter(([top]) => top > 1 || chart.band).map(([top, bottom, fill]) => ({ series: [top, bottom], fill: css(fill) })),
    scales: { x: { time: true, range: () => chart.range }, y: { range: (u, low, high) => room(low, high) } },
    cursor: { points: { show: false }, drag: { x: false, y: false }, sync: { key: SYNC, setSeries: false } },
    tzDate: (at) => uPlot.tzDate(new Date(at * 1000), zone),
    hooks: { setCursor: [(u) => onCursor(u.cursor.idx)] },
  };
}

function room(low, high) {
  if (low === null || high === null) return [0, 1];
  const margin = 0.05 * (high - low || Math.abs(high) || 1);
  return [low >= 0 ? Math.max(low - margin, 0) : low - margin, high + margin];
}

export class FanChart {
  constructor(chart, place, zone) {
    this.chart = chart;
    this.zone = zone;
    this.box = element("div", { class: "fan" });
    const head = element("h3");
    head.append(element("span", {}, chart.title), element("b", {}, chart.value), element("small", {}, chart.text));
    this.plot = element("div", { class: "plot", role: "img", "aria-label": `${chart.title}: ${chart.value} ${chart.text}` });
    this.read = element("p", { class: "facts read" });
    this.box.append(head, this.plot, this.read);
    place.append(this.box);
    this.tell(null);
    const width = Math.max(this.plot.clientWidth, 50);
    this.drawn = new uPlot(options(chart, zone, width, (at) => this.tell(at)), columns(chart), this.plot);
    this.observer = new ResizeObserver(() => this.fit());
    this.observer.observe(this.plot);
  }

  fit() {
    if (this.plot.clientWidth) this.drawn.setSize({ width: this.plot.clientWidth, height: this.chart.height });
  }

  // The values under the pointer; without one, those at the end. The first column is not the fan's own.
  tell(at) {
    const { fan, still, target, named, said } = this.chart;
    const n = at === null || at === undefined ? fan.times.length - 1 : Math.max(at - 1, 0);
    const [p05, , p50, , p95] = fan.lines.map((line) => line[n] ?? null);
    const beside = (still ? `; doing nothing ${said(still[n] ?? null)}` : "") + (named ? `; ${named} ${said(target(fan.times[n]))}` : "");
    this.read.textContent = p50 === null ? `${moment(fan.times[n], "full", this.zone)}: no value`
      : `${moment(fan.times[n], "full", this.zone)}: ${said(p50)} in the middle, ${said(p05)} to ${said(p95)} in nine of ten futures${beside}`;
  }

  remove() {
    this.observer.disconnect();
    this.drawn.destroy();
    this.box.remove();
  }
}
