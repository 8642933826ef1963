// Medians of commands that take turns, so that what else the machine does falls on all of them alike.
import { spawnSync } from 'node:child_process';

/** Reading the certificates that this names costs Node 35 ms at every start, of gocker and of `node -e 0` alike. */
export function environment() {
  const { NODE_EXTRA_CA_CERTS: _, ...rest } = process.env;
  return rest;
}

/** @param {number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function time(command) {
  const begin = performance.now();
  const { status, stderr, error } = spawnSync(command[0], command.slice(1), {
    env: environment(),
    encoding: 'utf8',
  });
  const took = performance.now() - begin;
  if (status !== 0) throw new Error(`${command.join(' ')} failed: ${stderr ?? error}`);
  return took;
}

/**
 * The median time of each command in ms.
 * @param {Record<string, string[]>} commands by name, argv
 * @param {number} rounds
 * @returns {Record<string, number>}
 */
export function measure(commands, rounds) {
  const times = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));
  for (const command of Object.values(commands)) time(command);
  for (let round = 0; round < rounds; round++) {
    for (const [name, command] of Object.entries(commands)) times[name].push(time(command));
  }
  return Object.fromEntries(Object.entries(times).map(([name, values]) => [name, median(values)]));
}

/** One line: `gocker --version is 2.5 x node -e 0 (75 ms to 30 ms)`. */
export function printRatio([name, value], [other, base]) {
  const ms = (number) => `${number.toFixed(0)} ms`;
  console.log(`${name} is ${(value / base).toFixed(2)} x ${other} (${ms(value)} to ${ms(base)})`);
}
