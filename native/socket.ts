import { bind } from './bind.ts';
import type { SocketCalls } from './syscalls.ts';
import { fd, memory, number, size } from './words.ts';

const connect = bind({ name: 'connect', parameters: [fd, memory, size] });
const socket = bind({ name: 'socket', parameters: [number, number, number] });

export const socketCalls: SocketCalls = {
  connect: (target, address) => void connect(target, address, address.length),
  socket: (domain, type, protocol) => socket(domain, type, protocol),
};
