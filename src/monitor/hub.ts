import { chmodSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import type { LogWriter } from '../container/logs/open.ts';
import { encodeMessage, FRAME, type Request } from '../container/monitor/protocol.ts';
import { openSocketPath, runDirectoryOf } from '../container/monitor/socket.ts';
import type { Container } from '../container/schema.ts';
import type { Outcome, Streams } from '../runtime/types.ts';
import { type Client, fanOut, feed, readFrames } from './client.ts';

/** What those who attach may ask of the program. */
export interface Asked {
  signal(signal: number): void;
  resize(size: { rows: number; columns: number }): void;
}

/** Where a program's streams and those who attach meet. */
export interface Hub {
  /** Resolves when the first one has attached. */
  attached: Promise<void>;
  /** The streams of the next run. */
  streams(log: LogWriter): Streams;
  /** Tells all how the run ended, and parts from them. */
  ended(outcome: Outcome): void;
  /** Nobody can attach any more. */
  close(): Promise<void>;
}

/** Listens on the container's socket, mode 0600. */
export async function openHub(runRoot: string, container: Container, program: Asked): Promise<Hub> {
  const { id, config } = container;
  const clients = new Set<Client>();
  let input = new PassThrough();
  let wasAttached = () => {};
  const attached = new Promise<void>((resolve) => {
    wasAttached = resolve;
  });
  const endInput = () => {
    if (config.stdinOnce && !config.process.terminal) input.end();
  };
  const answer = (client: Client, request: Request) => {
    if (request.type === 'signal') program.signal(request.signal);
    else if (request.type === 'resize') program.resize(request);
    else if (request.type === 'stdin-end') endInput();
    else {
      Object.assign(client, { output: request.output, stdin: request.stdin });
      clients.add(client);
      client.socket.write(encodeMessage({ type: 'attached' }));
      wasAttached();
    }
  };
  const welcome = (socket: Socket) => {
    const client: Client = { socket, output: false, stdin: false };
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      if (clients.delete(client) && client.stdin) endInput();
    });
    readFrames(socket, ({ type, data }) => {
      if (type === FRAME.STDIN && client.stdin) feed(input, data, socket);
      else if (type === FRAME.MESSAGE) answer(client, JSON.parse(data.toString()) as Request);
    });
  };
  const listening = await listen(runRoot, id, welcome);
  return {
    attached,
    streams: (log) => {
      const { stdin } = config.process;
      return {
        ...(stdin || config.process.terminal ? { stdin: input } : {}),
        stdout: fanOut('stdout', log, clients),
        stderr: fanOut('stderr', log, clients),
      };
    },
    ended: ({ exitCode, oomKilled }) => {
      for (const { socket } of clients) socket.end(encodeMessage({ type: 'ended', exitCode, oomKilled }));
      clients.clear();
      // What is sent from now on is for the next run.
      input.destroy();
      input = new PassThrough();
    },
    close: () => listening.close(),
  };
}

/** A socket that a killed monitor has left is in the way. */
async function listen(
  runRoot: string,
  id: string,
  welcome: (socket: Socket) => void,
): Promise<{ close(): Promise<void> }> {
  rmSync(runDirectoryOf(runRoot, id), { recursive: true, force: true });
  const place = openSocketPath(runRoot, id, { make: true });
  const server = createServer(welcome);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(place.path, resolve);
  });
  chmodSync(place.path, 0o600);
  let isOpen = true;
  return {
    close: async () => {
      if (!isOpen) return;
      isOpen = false;
      server.close();
      place.close();
      rmSync(runDirectoryOf(runRoot, id), { recursive: true, force: true });
    },
  };
}
