/** Two runs of the integration tests on one machine would take each other's containers for leaks: they take turns. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const FILE = '/run/gocker-integration-tests.lock';

/** Waits for the other run, if there is one; the returned function lets the next one go. */
export async function takeTurn(): Promise<() => Promise<void>> {
  const holder = spawn('flock', [FILE, 'sh', '-c', 'echo mine; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const waiting = setTimeout(() => console.log('waiting for another run of the integration tests'), 2000);
  const [first] = await Promise.race([once(holder.stdout, 'data'), once(holder, 'exit')]);
  clearTimeout(waiting);
  if (!Buffer.isBuffer(first)) throw new Error(`cannot lock ${FILE}`);
  return async () => {
    holder.stdin.end();
    await once(holder, 'exit');
  };
}
