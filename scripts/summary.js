// `node scripts/summary.js DIRECTORY [FAILED-PART...]` adds up vitest's JSON reports and ends with one plain line.
// A part that failed although its tests passed, or that has no report, counts as one failed test.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const [directory, ...parts] = process.argv.slice(2);
const reports = readdirSync(directory)
  .filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(join(directory, name), 'utf8')));
rmSync(directory, { recursive: true });

const sum = (key) => reports.reduce((total, report) => total + report[key], 0);
/** A file that cannot be loaded has no test that failed, but its suite did. */
const broken = reports
  .flatMap(({ testResults }) => testResults)
  .filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((one) => one.status === 'failed'),
  ).length;

const tests = sum('numFailedTests') + broken;
const failed = tests === 0 ? parts.length : tests;
const skipped = sum('numPendingTests') + sum('numTodoTests');
for (const part of parts) console.log(`failed: ${part}`);
console.log(`${sum('numPassedTests')} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed > 0 ? 1 : 0;
