// Reads the fans of the data block: numbers in base64 VLQ, as in source maps, the first one whole and then differences.

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const PLACE = new Map([...DIGITS].map((digit, n) => [digit, n]));

// One line of a fan; a single value holds all along, `.` is no value.
export function decoded(text, step, points) {
  const values = [];
  let [at, shift, word] = [0, 0, 0];
  for (const digit of text) {
    if (digit === ".") { values.push(null); continue; }
    const bits = PLACE.get(digit);
    word += (bits & 31) * 2 ** shift;
    shift += 5;
    if (bits & 32) continue;
    at += word % 2 ? -Math.floor(word / 2) : word / 2;
    values.push(at * step);
    [shift, word] = [0, 0];
  }
  return values.length === 1 ? new Array(points).fill(values[0]) : values;
}

// A fan with its times in UTC seconds: { times, lines, unit }.
export function fanOf(coded, grids, starts) {
  const grid = grids[coded.grid];
  return { unit: coded.unit, times: grid.map((at) => starts + at), lines: coded.lines.map((text) => decoded(text, coded.step, grid.length)) };
}
