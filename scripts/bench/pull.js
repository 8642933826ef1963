// `node scripts/bench/pull.js [ROUNDS [ENGINE...]]`, as root: an image of six layers (360 MB packed, 980 MB unpacked) out of
// a registry on this machine, by gocker, docker and podman in turns, onto a file system made for it. Before each pull
// nothing of the image is in the store, everything is written back, and the registry's files are in memory. Exit code 1 when gocker takes more than
// 0.30 of the faster one's time or more than 200 MiB. Nothing but the image stays, in ~/.cache/gocker-bench.
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from './measure.js';
import { mountDisk } from './pull/disk.js';
import { startEngines } from './pull/engines.js';
import { benchLayout } from './pull/image.js';
import { startRegistry } from './pull/registry.js';
import { watch } from './pull/watch.js';

const RATIO = 0.3;
const MEBIBYTE = 2 ** 20;
const PEAK = 200 * MEBIBYTE;

const [rounds = 5, ...wanted] = process.argv.slice(2);
const names = wanted.length > 0 ? wanted : ['gocker', 'docker', 'podman'];

/** Ctrl-C ends the pull under way, too; then all that was started is taken away. */
let isStopped = false;
for (const name of ['SIGINT', 'SIGTERM']) {
  process.on(name, () => {
    isStopped = true;
  });
}

async function pullOnce(engine, registry) {
  engine.empty();
  registry.warm();
  execFileSync('sync');
  return watch(engine);
}

/** What each pull cost, by engine. */
async function takeTurns(engines, registry) {
  const costs = Object.fromEntries(Object.keys(engines).map((name) => [name, []]));
  for (let round = 0; round < Number(rounds) && !isStopped; round++) {
    for (const [name, engine] of Object.entries(engines)) costs[name].push(await pullOnce(engine, registry));
  }
  return costs;
}

const seconds = (ms) => `${(ms / 1000).toFixed(2)} s`;

/** Median time, by engine. */
function print(costs) {
  const medians = {};
  for (const [name, pulls] of Object.entries(costs)) {
    const all = (key) => pulls.map((pull) => pull[key]);
    medians[name] = median(all('ms'));
    const range = `${seconds(Math.min(...all('ms')))} to ${seconds(Math.max(...all('ms')))}`;
    const peak = `${(Math.max(...all('peak')) / MEBIBYTE).toFixed(0)} MiB`;
    console.log(
      `${name}: ${seconds(medians[name])} (${range}), CPU ${seconds(median(all('cpu')))}, peak ${peak}`,
    );
  }
  return medians;
}

function judge(costs, { gocker, ...others }) {
  const [[name, base] = []] = Object.entries(others).sort(([, one], [, other]) => one - other);
  if (gocker === undefined || name === undefined) return;
  const ratio = gocker / base;
  console.log(`gocker pull is ${ratio.toFixed(2)} x ${name} pull`);
  const peak = Math.max(...costs.gocker.map((pull) => pull.peak));
  if (ratio > RATIO || peak > PEAK) process.exitCode = 1;
}

// podman makes an image's name of its path, so that the path must be lower case.
const directory = join(tmpdir(), `gocker-bench-${process.pid}`);
mkdirSync(directory, { mode: 0o700 });
const started = [];
try {
  const registry = await startRegistry(directory, `oci:${benchLayout()}:bench`);
  started.push(registry);
  const disk = mountDisk(directory);
  started.push(disk);
  const engines = await startEngines(names, { directory: disk.directory, image: registry.image });
  started.push(...Object.values(engines));
  const costs = await takeTurns(engines, registry);
  judge(costs, print(costs));
} finally {
  for (const { stop } of started.reverse()) await stop();
  rmSync(directory, { recursive: true, force: true });
}
