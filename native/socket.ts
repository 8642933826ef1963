import { bind } from './bind.ts';
import { describeMessages } from './netlink/words.ts';
import type { SocketCalls } from './syscalls.ts';
import { fd, memory, number, type Parameter, size } from './words.ts';

/** Netlink requests, which gocker sends nothing else than, in words. */
const message: Parameter = { ...memory, show: (value) => describeMessages(value as Buffer) };

const calls = {
  socket: bind({ name: 'socket', parameters: [number, number, number] }),
  connect: bind({ name: 'connect', parameters: [fd, memory, size] }),
  bind: bind({ name: 'bind', parameters: [fd, memory, size] }),
  setsockopt: bind({ name: 'setsockopt', parameters: [fd, number, number, memory, size] }),
  sendto: bind({ name: 'sendto', parameters: [fd, message, size, number, memory, size], restart: true }),
  recv: bind({ name: 'recv', parameters: [fd, memory, size, number], restart: true }),
};

export const socketCalls: SocketCalls = {
  socket: (domain, type, protocol) => calls.socket(domain, type, protocol),
  connect: (target, address) => void calls.connect(target, address, address.length),
  bind: (target, address) => void calls.bind(target, address, address.length),
  setsockopt: (target, level, option, value) =>
    void calls.setsockopt(target, level, option, value, value.length),
  sendto: (target, data, flags, address) =>
    calls.sendto(target, data, data.length, flags, address, address.length),
  recv: (target, length, flags) => {
    const buffer = Buffer.allocUnsafe(length);
    return buffer.subarray(0, calls.recv(target, buffer, length, flags));
  },
};
