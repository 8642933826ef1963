import { bind } from './bind.ts';
import { CLONE } from './constants.ts';
import type { NamespaceCalls } from './syscalls.ts';
import { fd, flags, size, text } from './words.ts';

const cloneFlags = flags('CLONE_', CLONE);

const calls = {
  unshare: bind({ name: 'unshare', parameters: [cloneFlags] }),
  setns: bind({ name: 'setns', parameters: [fd, cloneFlags] }),
  sethostname: bind({ name: 'sethostname', parameters: [text, size] }),
  setdomainname: bind({ name: 'setdomainname', parameters: [text, size] }),
};

export const namespaceCalls: NamespaceCalls = {
  unshare: (flags) => void calls.unshare(flags),
  setns: (target, flags) => void calls.setns(target, flags),
  sethostname: (name) => void calls.sethostname(name, Buffer.byteLength(name)),
  setdomainname: (name) => void calls.setdomainname(name, Buffer.byteLength(name)),
};
