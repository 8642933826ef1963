import { connect, type Socket } from 'node:net';
import { ConflictError, hasCode } from '../errors.ts';
import type { Outcome, Streams } from '../runtime/types.ts';
import type { ContainerContext } from './context.ts';
import { findContainer } from './find.ts';
import { type Answer, encodeFrame, encodeMessage, FRAME, frameReader } from './monitor/protocol.ts';
import { openSocketPath } from './monitor/socket.ts';
import { outcomeOnRecord } from './outcome.ts';
import type { RunningContainer } from './run.ts';
import { isSupervised } from './running.ts';
import type { Container } from './schema.ts';

/** Connects this process to the container that `text` names. Throws a NotFoundError, or a ConflictError when it does not run. */
export async function attachContainer(
  context: ContainerContext,
  text: string,
  streams: Streams,
): Promise<RunningContainer> {
  const container = await findContainer(context, text);
  if (!isSupervised(context, container)) {
    throw new ConflictError('CONTAINER_NOT_RUNNING', `container "${container.config.name}" is not running`, {
      hint: `start it and attach with: gocker start -ai ${container.config.name}`,
    });
  }
  return await attachToMonitor(context, container, streams);
}

/** Connects the streams to the container's monitor. Resolves when the monitor has said so. */
export async function attachToMonitor(
  context: ContainerContext,
  container: Container,
  streams?: Streams,
): Promise<RunningContainer> {
  const { id, config } = container;
  const socket = await connectTo(context, container);
  const isAttached = deferred<void>();
  const outcome = deferred<Outcome | undefined>();
  const source = config.process.stdin || config.process.terminal ? streams?.stdin : undefined;
  readAnswers(socket, {
    streams,
    answer: (answer) => {
      if (answer.type === 'attached') isAttached.resolve();
      else outcome.resolve({ exitCode: answer.exitCode, oomKilled: answer.oomKilled });
    },
  });
  socket.on('error', () => socket.destroy());
  socket.once('close', () => {
    isAttached.resolve();
    outcome.resolve(undefined);
  });
  socket.write(encodeMessage({ type: 'hello', stdin: source !== undefined, output: streams !== undefined }));
  await isAttached.promise;
  const stopSending = source ? sendInput(source, socket) : () => {};
  return {
    id,
    name: config.name,
    signal: (signal) =>
      !socket.destroyed && socket.write(encodeMessage({ type: 'signal', signal })) !== undefined,
    resize: (size) => {
      if (!socket.destroyed) socket.write(encodeMessage({ type: 'resize', ...size }));
    },
    wait: async () => {
      const told = await outcome.promise;
      stopSending();
      socket.destroy();
      return told ?? (await outcomeOnRecord(context, container));
    },
  };
}

async function connectTo(context: ContainerContext, { id, config }: Container): Promise<Socket> {
  try {
    const place = openSocketPath(context.runRoot, id);
    try {
      return await new Promise<Socket>((resolve, reject) => {
        const socket = connect(place.path);
        socket.once('error', reject).once('connect', () => {
          socket.off('error', reject);
          resolve(socket);
        });
      });
    } finally {
      place.close();
    }
  } catch (error) {
    if (!hasCode(error, 'ENOENT', 'ECONNREFUSED')) throw error;
    throw new ConflictError('CANNOT_ATTACH', `container "${config.name}" has no monitor to attach to`, {
      hint: 'it belongs to the terminal where gocker run was typed; start one with: gocker run -d',
      cause: error,
    });
  }
}

/** Output goes to the streams, as fast as they take it. */
function readAnswers(
  socket: Socket,
  { streams, answer }: { streams: Streams | undefined; answer(answer: Answer): void },
): void {
  const read = frameReader();
  socket.on('data', (chunk: Buffer) => {
    for (const { type, data } of read(chunk)) {
      if (type === FRAME.MESSAGE) answer(JSON.parse(data.toString()) as Answer);
      const to =
        type === FRAME.STDOUT ? streams?.stdout : type === FRAME.STDERR ? streams?.stderr : undefined;
      if (to && !to.write(data)) {
        socket.pause();
        to.once('drain', () => socket.resume());
      }
    }
  });
  for (const to of [streams?.stdout, streams?.stderr]) {
    to?.on('error', (error) => {
      if (hasCode(error, 'EPIPE')) socket.destroy();
      else throw error;
    });
  }
}

function sendInput(source: NonNullable<Streams['stdin']>, socket: Socket): () => void {
  const send = (chunk: Buffer) => {
    if (socket.destroyed || socket.write(encodeFrame(FRAME.STDIN, chunk))) return;
    source.pause();
    socket.once('drain', () => source.resume());
  };
  const end = () => {
    if (!socket.destroyed) socket.write(encodeMessage({ type: 'stdin-end' }));
  };
  source.on('data', send).once('end', end);
  return () => {
    source.off('data', send).off('end', end);
    source.pause();
    if ('unref' in source) source.unref();
  };
}

function deferred<T>(): { promise: Promise<T>; resolve(value: T): void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
