import { bind } from './bind.ts';
import type { SocketCalls } from './syscalls.ts';
import { number } from './words.ts';

const socket = bind({ name: 'socket', parameters: [number, number, number] });

export const socketCalls: SocketCalls = {
  socket: (domain, type, protocol) => socket(domain, type, protocol),
};
