// iperf3 between network namespaces, over gocker's bridge and over one made by hand.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { median } from '../measure.js';
import { output } from '../quickstart.js';

const AT_LEAST = 0.95;
const ROUNDS = 5;
const PORT = '5201';

const into = (pid) => (pid === undefined ? [] : ['nsenter', `--net=/proc/${pid}/ns/net`]);

/**
 * Two containers, or what stands for them: the processes whose network namespaces they are, their addresses, and the
 * host's on their bridge.
 * @typedef {{pids: string[], addresses: string[], gateway: string, stop(): void}} Pair
 */

/** @returns {Pair} */
function containers(gocker) {
  const names = ['bench-one', 'bench-two'];
  for (const name of names) output(gocker, 'run', '-d', '--name', name, 'alpine', 'sleep', '3600');
  const inspect = (format) => names.map((name) => output(gocker, 'inspect', '-f', format, name).trim());
  const network = '.NetworkSettings.Networks.bridge';
  return {
    pids: inspect('{{.State.Pid}}'),
    addresses: inspect(`{{${network}.IPAddress}}`),
    gateway: inspect(`{{${network}.Gateway}}`)[0],
    stop: () => void output(gocker, 'rm', '-f', ...names),
  };
}

/** @returns {Promise<Pair>} */
async function byHand() {
  const ip = (...args) => output(['ip', ...args]);
  ip('link', 'add', 'hand0', 'type', 'bridge');
  ip('address', 'add', '10.99.0.1/24', 'dev', 'hand0');
  ip('link', 'set', 'hand0', 'up');
  const sleepers = [2, 3].map(() => spawn('unshare', ['--net', 'sleep', '3600']));
  await sleep(200);
  const pids = sleepers.map(({ pid }) => String(pid));
  for (const [at, pid] of pids.entries()) {
    const inside = (...args) => output([...into(pid), 'ip', ...args]);
    ip('link', 'add', `hand${at + 1}`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', pid);
    ip('link', 'set', `hand${at + 1}`, 'master', 'hand0', 'up');
    inside('address', 'add', `10.99.0.${at + 2}/24`, 'dev', 'eth0');
    inside('link', 'set', 'eth0', 'up');
  }
  const stop = () => {
    for (const sleeper of sleepers) sleeper.kill();
    ip('link', 'delete', 'hand0');
  };
  return { pids, addresses: ['10.99.0.2', '10.99.0.3'], gateway: '10.99.0.1', stop };
}

/** Bits in a second from one namespace (without a process: the host's) to an address of another one. */
async function rate({ from, to, address, seconds }) {
  const server = spawn('env', [...into(to), 'iperf3', '-s', '-1', '-p', PORT], { stdio: 'ignore' });
  const ended = once(server, 'exit');
  await sleep(300);
  const client = ['iperf3', '-c', address, '-p', PORT, '-t', String(seconds), '-J'];
  const { end } = JSON.parse(output([...into(from), ...client]));
  await ended;
  return end.sum_received.bits_per_second;
}

const WAYS = {
  'container to host': ({ pids, gateway }) => ({ from: pids[0], to: undefined, address: gateway }),
  'container to container': ({ pids, addresses }) => ({ from: pids[0], to: pids[1], address: addresses[1] }),
};

/**
 * Prints what part of the rate by hand gocker's bridge has, each way in turns; false when one is below the limit.
 * @param {string[]} gocker what to put before its arguments
 * @param {number} seconds of each measurement
 */
export async function compareRates(gocker, seconds) {
  const pairs = {};
  try {
    pairs.gocker = containers(gocker);
    pairs.hand = await byHand();
    const ratios = [];
    for (const [way, choose] of Object.entries(WAYS)) {
      const rates = { gocker: [], hand: [] };
      for (let round = 0; round < ROUNDS; round++)
        for (const [name, pair] of Object.entries(pairs))
          rates[name].push(await rate({ ...choose(pair), seconds }));
      ratios.push(median(rates.gocker) / median(rates.hand));
      const gigabits = (name) => `${(median(rates[name]) / 1e9).toFixed(1)} Gbit/s`;
      console.log(
        `${way}: ${ratios.at(-1).toFixed(2)} of a bridge by hand (${gigabits('gocker')} of ${gigabits('hand')})`,
      );
    }
    return ratios.every((ratio) => ratio >= AT_LEAST);
  } finally {
    for (const pair of Object.values(pairs)) pair.stop();
  }
}
