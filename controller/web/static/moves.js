// The moves as a short list: many small steps one way, for one reason, are told as one.

import { capital, level, word } from "./words.js";

const many = (move) => move.cells !== undefined;

// 1 up, -1 down; NaN for cells that went both ways, which belongs to no run.
function way(move) {
  if (!many(move)) return Math.sign(move.after - move.before);
  return move.raised && move.lowered ? NaN : move.raised ? 1 : -1;
}

function goesOn(last, move) {
  const moves = last.channel && last.channel === move.channel && many(last) === many(move);
  return moves && last.reason === move.reason && way(last) === way(move);
}

// Runs of moves that belong together, oldest first.
export function runs(moves) {
  const found = [];
  for (const move of moves) {
    if (found.length && goesOn(found.at(-1).at(-1), move)) found.at(-1).push(move);
    else found.push([move]);
  }
  return found;
}

// What it did, and why.
function parts(move) {
  const mark = many(move) ? ". " : ": ";
  const cut = move.channel ? move.text.indexOf(mark) : -1;
  return cut < 0 ? [move.text, ""] : [move.text.slice(0, cut), capital(move.text.slice(cut + 2))];
}

function together(run, channels, clock) {
  const [first, last] = [run[0], run.at(-1)];
  const [name, verb] = [capital(word(last.channel)), way(last) > 0 ? "raised" : "lowered"];
  const since = `since ${clock(first.time)}`;
  if (many(last)) return `${name} ${verb} ${run.length} times ${since}, at last in ${last.raised + last.lowered} of ${last.cells} cells`;
  const { unit } = channels[last.channel] ?? { unit: "count" };
  return `${name} ${verb} from ${level(first.before, unit)} to ${level(last.after, unit)} in ${run.length} moves ${since}`;
}

// Headline and reason of a run; the reason is that of its newest move.
export function told(run, channels, clock) {
  const [head, rest] = parts(run.at(-1));
  if (run.length === 1) return [capital(head), rest];
  return [together(run, channels, clock), `The last: ${head.charAt(0).toLowerCase()}${head.slice(1)}. ${rest}`];
}
