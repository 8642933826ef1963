import { bind } from './bind.ts';
import { AT, FSCONFIG, MNT, MOUNT_ATTR, MOVE_MOUNT, MS, OPEN_TREE } from './constants.ts';
import type { MountCalls } from './syscalls.ts';
import { choice, detail, fd, flags, memory, number, path, size, text, unsigned } from './words.ts';

const attributes = flags('MOUNT_ATTR_', MOUNT_ATTR, 'uint');

const calls = {
  mount: bind({
    name: 'mount',
    parameters: [detail, path, detail, flags('MS_', MS, 'ulong'), detail],
  }),
  umount2: bind({ name: 'umount2', parameters: [path, flags('MNT_', MNT)] }),
  pivot_root: bind({ name: 'pivot_root', number: [155, 41], parameters: [path, path] }),
  fsopen: bind({ name: 'fsopen', number: 430, parameters: [text, unsigned] }),
  fsconfig: bind({
    name: 'fsconfig',
    number: 431,
    parameters: [fd, choice('FSCONFIG_', FSCONFIG, 'uint'), text, detail, number],
  }),
  fsmount: bind({ name: 'fsmount', number: 432, parameters: [fd, unsigned, attributes] }),
  open_tree: bind({
    name: 'open_tree',
    number: 428,
    parameters: [fd, path, flags('OPEN_TREE_', { ...OPEN_TREE, AT_RECURSIVE: AT.RECURSIVE }, 'uint')],
  }),
  move_mount: bind({
    name: 'move_mount',
    number: 429,
    parameters: [fd, path, fd, path, flags('MOVE_MOUNT_', MOVE_MOUNT, 'uint')],
  }),
  mount_setattr: bind({
    name: 'mount_setattr',
    number: 442,
    parameters: [fd, path, flags('AT_', AT, 'uint'), memory, size],
  }),
};

export const mountCalls: MountCalls = {
  mount: (...args) => void calls.mount(...args),
  umount2: (...args) => void calls.umount2(...args),
  pivot_root: (...args) => void calls.pivot_root(...args),
  fsopen: (...args) => calls.fsopen(...args),
  fsconfig: (...args) => void calls.fsconfig(...args),
  fsmount: (...args) => calls.fsmount(...args),
  open_tree: (...args) => calls.open_tree(...args),
  move_mount: (...args) => void calls.move_mount(...args),
  mount_setattr: (dirfd, target, at, change) => {
    const buffer = Buffer.alloc(32);
    buffer.writeBigUInt64LE(BigInt(change.set ?? 0), 0);
    buffer.writeBigUInt64LE(BigInt(change.clear ?? 0), 8);
    buffer.writeBigUInt64LE(BigInt(change.propagation ?? 0), 16);
    buffer.writeBigUInt64LE(BigInt(change.userNamespace ?? 0), 24);
    calls.mount_setattr(dirfd, target, at, buffer, buffer.length);
  },
};
