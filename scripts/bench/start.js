// `node scripts/bench/start.js [ROUNDS]`: what a command costs before it does anything, against Node's own start.
import { fileURLToPath } from 'node:url';
import { measure, printRatio } from './measure.js';

const gocker = fileURLToPath(new URL('../../bin/run.js', import.meta.url));
const node = process.execPath;
const rounds = Number(process.argv[2] ?? 20);

const times = measure(
  { 'node -e 0': [node, '-e', '0'], 'gocker --version': [node, gocker, '--version'] },
  rounds,
);
const [base, version] = Object.entries(times);
printRatio(version, base);
