/** Entry of an unpacking worker thread: takes jobs from the main thread until it is told to stop. */
import { parentPort } from 'node:worker_threads';
import { createSyscalls } from '../../native/index.ts';
import { GockerError } from '../errors.ts';
import { createInbox, type Inbox } from './inbox.ts';
import { encodeError, type FromWorker, type ToWorker } from './messages.ts';
import { runJob } from './run-job.ts';

const port = parentPort!;
const syscalls = createSyscalls();
let current: { id: number; inbox: Inbox } | undefined;

port.on('message', (message: ToWorker) => {
  if (message.type === 'start') void start(message);
  else if (message.id === current?.id) receive(message, current.inbox);
});

function receive(message: Exclude<ToWorker, { type: 'start' }>, inbox: Inbox): void {
  if (message.type === 'chunk') inbox.push(Buffer.from(message.bytes.buffer, 0, message.bytes.length));
  else if (message.type === 'end') inbox.end();
  else inbox.fail(new GockerError('ABORTED', 'unpacking was stopped'));
}

async function start({ id, job }: Extract<ToWorker, { type: 'start' }>): Promise<void> {
  const inbox = createInbox();
  current = { id, inbox };
  const post = (message: FromWorker) => port.postMessage(message);
  try {
    const onProgress = (taken: number) => post({ type: 'taken', id, taken });
    const onResumed = (offset: number) => post({ type: 'resumed', id, offset });
    const result = await runJob(syscalls, { job, chunks: inbox, onProgress, onResumed, check: inbox.check });
    post({ type: 'done', id, result });
  } catch (error) {
    post({ type: 'failed', id, error: encodeError(error) });
  } finally {
    current = undefined;
  }
}
