// What each chart shows: its lines, its headline, its state. Knows the points and the campaign, nothing of drawing.

import { chip, level, moment, number, percent, span, word } from "./words.js";

const times = (scale, value) => (value === null || value === undefined ? null : scale * value);

const BEYOND = 1000;

// Bounds of the band in % of target; a one-sided target leaves the other side open.
function bounds(loop) {
  const band = 100 * loop.band;
  return [loop.verb === "keep_below" ? -BEYOND : 100 - band, loop.verb === "keep_above" ? BEYOND : 100 + band];
}

function verdict(at, loop) {
  if (at === null || !loop.band) return ["", ""];
  const [low, high] = bounds(loop);
  const inside = at >= low && at <= high;
  return inside ? ["in its band", "good"] : [at < low ? "below its band" : "above its band", "warn"];
}

// A band over three hours judges the mean of three hours: measured over target, summed over that time, in %.
function trailing(points, name, over) {
  let [first, value, target] = [0, 0, 0];
  const add = (p, sign) => {
    const at = p.loops[name];
    if (!at || at.state !== "live" || at.value === null || at.setpoint === null) return;
    value += sign * at.value;
    target += sign * at.setpoint;
  };
  return points.map((p) => {
    add(p, 1);
    while (points[first].time <= p.time - over) add(points[first++], -1);
    return target > 0 && p.loops[name]?.state === "live" ? (100 * value) / target : null;
  });
}

function kpi(name, about, zone) {
  const loop = about.loops[name];
  const [low, high] = bounds(loop);
  const of = (p) => p.loops[name];
  const far = loop.band && loop.over > Math.max(about.sensors[loop.measure]?.window ?? 0, about.scan);
  const mean = (points) => (far ? trailing(points, name, loop.over) : points.map(() => null));
  return {
    title: `${word(name)} against target`, wide: true, suffix: " %", decimals: 1,
    headline: (p, points) => {
      const now = of(p);
      if (!now || now.value === null) return { value: "–", chip: ["no value yet", "warn"], text: `target ${level(now?.setpoint, loop.unit)}` };
      const old = now.state !== "live" && now.good_at !== null;
      const age = old ? ` · value of ${moment(now.good_at, "full", zone)}, ${span(p.time - now.good_at)} old` : "";
      const state = { hold: ["held: no good data", "warn"], safe: ["fallback: data lost", "bad"] }[now.state];
      const judged = far ? mean(points).at(-1) : times(100, now.share);
      const wide = far ? ` over ${span(loop.over)}${judged === null ? "" : `, mean ${number(judged, 1)} %`}` : "";
      const band = loop.band ? ` · band ±${number(100 * loop.band, 1)} %${wide}` : "";
      return {
        value: percent(now.share), chip: state ?? verdict(judged, loop),
        text: `of target · ${level(now.value, loop.unit)} against ${level(now.setpoint, loop.unit)}${band}${age}`,
      };
    },
    lines: [
      { label: "band, top", values: () => high, hidden: true },
      { label: "band, bottom", values: () => low, hidden: true },
      { label: "target", values: () => 100, colour: "--target", dash: [6, 4] },
      { label: "measured", values: (p) => times(100, of(p)?.share), colour: far ? "--faint" : "--kpi", width: far ? 1 : 2 },
      { label: `mean over ${span(loop.over)}`, all: mean, colour: "--kpi", width: 2 },
    ],
    band: loop.band ? [1, 2] : null,
    near: loop.band ? [100 - 120 * loop.band, 100 + 120 * loop.band] : [98, 102],
    lost: (p) => of(p) && of(p).state !== "live",
  };
}

function lever(name, about) {
  const { unit } = about.channels[name];
  const scale = unit === "share" ? 100 : 1;
  const line = (pick) => (p) => times(scale, p.outputs[name]?.[pick]);
  const acts = (p) => p.mode === "auto" && !p.gate;
  const loops = Object.entries(about.loops).filter(([, loop]) => loop.channels.includes(name)).map(([loop]) => loop);
  return {
    title: word(name), suffix: unit === "share" ? " %" : unit === "count" ? "" : ` ${unit}`, decimals: 2, why: name,
    headline: (p) => {
      const now = p.outputs[name];
      if (!now) return { value: "–", chip: ["", ""], text: "" };
      const advice = !acts(p) && now.advice !== null && now.advice !== now.applied ? ` · auto would set ${level(now.advice, unit)}` : "";
      const doubt = now.known ? "" : " · not confirmed by its target";
      const tone = { fallback: "bad", suspended: "bad" }[now.reason] ?? "warn";
      return {
        value: level(now.applied, unit), chip: [chip(now.reason), tone],
        text: `allowed ${level(now.low, unit)} to ${level(now.high, unit)}${advice}${doubt}`,
      };
    },
    lines: [
      { label: "most allowed", values: line("high"), colour: "--target", dash: [2, 4], stepped: true },
      { label: "least allowed", values: line("low"), colour: "--target", dash: [2, 4], stepped: true },
      { label: "advice", values: (p) => (acts(p) ? null : line("advice")(p)), colour: "--advice", dash: [5, 4], stepped: true },
      { label: "in force", values: line("applied"), colour: "--lever", width: 2, stepped: true },
    ],
    lost: (p) => loops.some((loop) => p.loops[loop] && p.loops[loop].state !== "live"),
  };
}

function budget(name, about) {
  const plan = about.budgets[name];
  const bounded = about.starts_at !== null && about.ends_at !== null && about.ends_at > about.starts_at;
  const planned = (p) => {
    if (!bounded || plan.plan !== "even") return null;
    return plan.total * Math.min(Math.max((p.time - about.starts_at) / (about.ends_at - about.starts_at), 0), 1);
  };
  const paid = (p) => p.budgets[name]?.paid ?? null;
  const debt = (p) => (p.budgets[name]?.owed === null || paid(p) === null ? null : paid(p) + (p.budgets[name]?.owed ?? 0));
  const money = (value) => number(value, Math.abs(value) < 1000 ? 2 : 0);
  return {
    title: `${word(name)}, money spent`, suffix: "", decimals: 0,
    headline: (p) => {
      if (paid(p) === null) return { value: "–", chip: ["no reading yet", "warn"], text: `of ${money(plan.total)} ${plan.currency}` };
      const owed = p.budgets[name].owed;
      const pace = planned(p) ? (paid(p) + (owed ?? 0)) / planned(p) : null;
      const over = paid(p) + (owed ?? 0) > plan.total;
      return {
        value: `${money(paid(p))} ${plan.currency}`,
        chip: over ? ["over the budget", "bad"] : pace !== null && pace > 1.1 ? ["ahead of plan", "warn"] : ["", ""],
        text: `${percent(paid(p) / plan.total)} of ${money(plan.total)}${owed === null ? "" : ` · ${money(owed)} owed`}`
          + (planned(p) === null ? "" : ` · plan by now ${money(planned(p))}`),
      };
    },
    lines: [
      { label: "plan", values: planned, colour: "--target", dash: [6, 4] },
      { label: "paid and owed", values: debt, colour: "--money", dash: [2, 3] },
      { label: "paid", values: paid, colour: "--money", width: 2 },
    ],
  };
}

export function chartsOf(about, zone) {
  return [
    ...Object.keys(about.loops).map((name) => kpi(name, about, zone)),
    ...Object.keys(about.channels).map((name) => lever(name, about)),
    ...Object.keys(about.budgets).filter((name) => about.budgets[name].paid).map((name) => budget(name, about)),
  ];
}
