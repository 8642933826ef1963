import { createSyscalls } from '../../../native/index.ts';
import { createHost } from '../host.ts';
import type { StorageDriver } from '../index.ts';
import { chain, loadCreate } from './place.ts';

export interface Life {
  module: string;
  options: Record<string, string>;
  root: string;
  /** The process kills itself after so many calls; it waits to be killed where there are not so many. */
  calls: number;
}

/** What happens to a driver in a process that does not live long: the calls of a pull and of a container, one after the other. */
export async function liveThrough({ module, options, root, calls }: Life): Promise<void> {
  const create = await loadCreate<StorageDriver>(module);
  const driver = create(createHost({ root, syscalls: createSyscalls(), log: () => undefined }), options);
  const [a, b] = [chain('a'), chain('b')];
  const below = driver.rebase ? [] : [a];
  const steps = [
    () => driver.prepare('one'),
    () => driver.commit('one', a),
    () => driver.prepare('two', ...below),
    () => (driver.rebase ? driver.commit('two', b, a) : driver.commit('two', b)),
    () => driver.view('view', b),
    () => driver.prepare('container', b),
    () => driver.usage(a),
    () => driver.remove('view'),
    () => driver.remove('container'),
    () => driver.remove(b),
    () => driver.remove(a),
  ];
  process.stdout.write('begun\n');
  for (const step of steps.slice(0, calls)) await step();
  if (calls <= steps.length) process.kill(process.pid, 'SIGKILL');
}
