import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { GockerError } from '../../errors.ts';
import type { CopyRequest } from './protocol.ts';

/** A running helper. */
export interface CopyHelper {
  child: ChildProcess;
  /** Rejects with COPY_FAILED and what the helper said. */
  ended: Promise<void>;
}

/** Starts a helper whose root is the directory that `root` stands for. */
export function startHelper(root: number, request: CopyRequest): CopyHelper {
  const script = fileURLToPath(new URL('./copy.cjs', import.meta.url));
  const isPack = request.kind === 'pack';
  const child = spawn(process.execPath, ['--no-warnings', script, JSON.stringify(request)], {
    env: {},
    cwd: '/',
    stdio: [isPack ? 'ignore' : 'pipe', isPack ? 'pipe' : 'ignore', 'pipe', root],
  });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve() : reject(failed(said))));
  });
  ended.catch(() => undefined);
  return { child, ended };
}

function failed(said: string): GockerError {
  return new GockerError('COPY_FAILED', `cannot copy: ${said.trim() || 'the copying process was killed'}`);
}
