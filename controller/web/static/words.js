// Numbers, times and states in words. Pure: draws nothing, asks nobody.

export const number = (value, digits = 0) =>
  value.toLocaleString("en", { minimumFractionDigits: 0, maximumFractionDigits: digits }).replace("-", "\u2212");

const known = (value) => value !== null && value !== undefined;

// As many decimals as tell one value of this size from the next.
const fine = (value) => (Math.abs(value) < 10 ? 2 : Math.abs(value) < 1000 ? 1 : 0);

export function level(value, unit) {
  if (!known(value)) return "–";
  if (unit === "share") return `${(100 * value).toFixed(2)} %`;
  return unit === "count" ? number(value, fine(value)) : `${number(value, fine(value))} ${unit}`;
}

export function percent(share, digits = 1) {
  return known(share) ? `${(100 * share).toFixed(digits)} %` : "–";
}

export function span(seconds) {
  if (seconds < 1) return "less than 1 s";
  const fits = ([size]) => seconds >= 2 * size || seconds === size || size === 1;
  const [size, unit] = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]].find(fits);
  return `${number(Math.floor(seconds / size))} ${unit}`;
}

export const word = (name) => name.replaceAll("_", "-");

export function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const STYLES = {
  second: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
  minute: { hour: "2-digit", minute: "2-digit" },
  hour: { weekday: "short", hour: "2-digit", minute: "2-digit" },
  day: { weekday: "short", day: "numeric", month: "short" },
  full: { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" },
};

const made = new Map();

export function moment(seconds, style, zone) {
  const key = `${style} ${zone}`;
  if (!made.has(key)) made.set(key, new Intl.DateTimeFormat("en-GB", { timeZone: zone, hourCycle: "h23", ...STYLES[style] }));
  return made.get(key).format(new Date(seconds * 1000));
}

// How a campaign stands at one point: a key for tests and colours, and one sentence for people.

const MODES = {
  off: "The loop is off: nothing is sent, nothing is advised.",
  observe: "The loop only watches: nothing is sent.",
  advise: "The loop only advises: it says what it would do, and nothing is sent.",
  manual: "A person sets the outputs: the loop sends what they set, and moves nothing by itself.",
  auto: "The loop steers: it moves the outputs to keep the target.",
};

const list = (names) => names.map(word).join(", ");

function lost(point, about, state) {
  const loops = Object.entries(point.loops).filter(([, loop]) => loop.state === state);
  if (!loops.length) return null;
  const sensors = [...new Set(loops.map(([name]) => about.loops[name]?.measure ?? name))];
  const cells = about.cells.length;
  const count = Math.max(...loops.map(([, loop]) => loop.lost));
  const part = cells > 1 && !about.cell && count < cells ? ` for ${count} of ${cells} cells` : "";
  const since = Math.min(...loops.map(([, loop]) => loop.good_at ?? Infinity));
  return { sensors: list(sensors), part, since: Number.isFinite(since) ? since : null };
}

export function standing(point, about, zone) {
  const when = (at) => (at === null ? "never yet" : `${moment(at, "full", zone)}, ${span(point.time - at)} ago`);
  const safe = lost(point, about, "safe");
  if (safe) {
    return ["fallback", `Fallback: ${safe.sensors} has given no believable data${safe.part} for too long (last good: ${when(safe.since)}). `
      + "Outputs stand at their safe values until good data are back."];
  }
  const held = lost(point, about, "hold");
  if (held) {
    return ["held", `Held: ${held.sensors} gives no believable data${held.part} (last good: ${when(held.since)}). Outputs stay where they are.`];
  }
  if (Object.values(point.outputs).some((output) => output.reason === "suspended")) {
    return ["suspended", "Suspended: no value is both lawful and safe, so nothing is offered. What was won is honoured."];
  }
  if (point.mode === "auto" && point.gate) return ["gated", `Auto is asked for and not permitted: ${point.gate}. Nothing is sent.`];
  const forced = Object.entries(point.outputs).filter(([, output]) => output.reason === "override").map(([name]) => name);
  if (forced.length) return ["override", `A person's override is in force: ${list(forced)}.`];
  return [point.mode, MODES[point.mode]];
}

const CHIPS = {
  limited_low: "at its lower limit", limited_high: "at its upper limit", held_no_data: "held: no data",
  held_bad_data: "held: bad data", held_too_few: "held: too few samples", fallback: "fallback: safe value",
  override: "set by a person", suspended: "suspended", dwell: "resting after a move", gate: "not permitted",
  after_end: "campaign over: safe value", starting: "starting", stale_write: "a newer order is in force there",
};

// The reason of an output's value in a few words; empty where it is nothing special.
export const chip = (reason) => CHIPS[reason] ?? "";
