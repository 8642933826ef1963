import { bind } from './bind.ts';
import { SIOC, TIOC } from './constants.ts';
import type { TerminalCalls } from './syscalls.ts';
import { choice, fd, long, memory } from './words.ts';

const request = choice('', prefixed('TIOC', TIOC, prefixed('SIOC', SIOC)), 'ulong');

const calls = {
  ioctl: bind({ name: 'ioctl', parameters: [fd, request, long] }),
  ioctlBuffer: bind({ name: 'ioctl', parameters: [fd, request, memory] }),
};

function prefixed(prefix: string, names: Record<string, number>, more: Record<string, number> = {}) {
  const entries = Object.entries(names).map(([name, value]) => [`${prefix}${name}`, value] as const);
  return { ...Object.fromEntries(entries), ...more };
}

export const terminalCalls: TerminalCalls = {
  ioctl: (target, code, argument) => calls.ioctl(target, code, argument),
  ioctlBuffer: (target, code, argument) => calls.ioctlBuffer(target, code, argument),
};
