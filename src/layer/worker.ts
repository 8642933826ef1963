/** Entry of an unpacking worker thread: takes jobs from the main thread until it is told to stop. */
import { parentPort } from 'node:worker_threads';
import { createSyscalls } from '../../native/index.ts';
import { GockerError } from '../errors.ts';
import { createInbox } from './inbox.ts';
import { encodeError, type FromWorker, type ToWorker } from './messages.ts';
import { pieceOf } from './ring.ts';
import { runJob } from './run-job.ts';
import { hasSpare } from './spare.ts';

const port = parentPort!;
const syscalls = createSyscalls();
/** Who takes what comes for a job. */
const receivers = new Map<number, (message: ToWorker) => void>();

port.on('message', (message: ToWorker) => {
  if (message.type === 'start') void start(message);
  else receivers.get(message.id)?.(message);
});

function stopped(): GockerError {
  return new GockerError('ABORTED', 'unpacking was stopped');
}

async function start({ id, job, ring, spare }: Extract<ToWorker, { type: 'start' }>): Promise<void> {
  const inbox = createInbox();
  let chunks = 0;
  receivers.set(id, (message) => {
    if (message.type === 'chunk') inbox.push(pieceOf(ring, chunks++).subarray(0, message.length));
    else if (message.type === 'end') inbox.end();
    else if (message.type === 'broken') inbox.breakOff(stopped());
    else inbox.fail(stopped());
  });
  const post = (message: FromWorker) => port.postMessage(message);
  try {
    const onProgress = (taken: number) => post({ type: 'taken', id, taken });
    const onResumed = (offset: number) => post({ type: 'resumed', id, offset });
    const input = { job, chunks: inbox, check: inbox.check, hasSpare: hasSpare(spare) };
    const result = await runJob(syscalls, { ...input, onProgress, onResumed });
    post({ type: 'done', id, result });
  } catch (error) {
    post({ type: 'failed', id, error: encodeError(error) });
  } finally {
    receivers.delete(id);
  }
}
