import { constants } from 'node:os';
import { describe, expect, it } from 'vitest';
import { CLONE } from '../../../native/constants.ts';
import { SyscallError } from '../../../native/errors.ts';
import { NLM_F, RTM } from '../../../native/netlink/constants.ts';
import { inNetworkNamespace, openNetlink } from '../../../native/netlink/index.ts';
import { changeLinkMessage } from '../../../native/netlink/link.ts';
import { type Answer, fakeKernel } from './fake-kernel.ts';

const { EEXIST, EINVAL, ENODEV, ENOENT, ENETUNREACH } = constants.errno;

function talk(answer: Parameters<typeof fakeKernel>[0]) {
  const kernel = fakeKernel(answer);
  return { ...kernel, netlink: openNetlink(kernel.syscalls) };
}
const link = (index: number, name: string, flags = 0) => ({
  type: RTM.NEWLINK,
  flags,
  body: changeLinkMessage(index, { name }).body,
});
const done: Answer = { errno: 0 };

describe('requests', () => {
  it('throw the errno and the kernel\u2019s words', () => {
    const { netlink } = talk(() => ({ errno: ENETUNREACH, text: 'Nexthop has invalid gateway' }));
    expect(() => netlink.addRoute({ to: 'default', via: '10.0.0.1' })).toThrow(
      expect.objectContaining({
        code: 'ENETUNREACH',
        message: 'RTM_NEWROUTE default: network is unreachable: Nexthop has invalid gateway',
      }),
    );
  });

  it('do without words where there are none', () => {
    const { netlink } = talk(() => ({ errno: EEXIST }));
    expect(() => netlink.createLink({ name: 'br0', kind: 'bridge' })).toThrow(
      'RTM_NEWLINK br0: file already exists',
    );
  });

  it('of one datagram all count, and the first failure is told', () => {
    const { netlink, requests, calls } = talk(({ flags }) => ({
      errno: flags & NLM_F.CREATE ? EEXIST : ENODEV,
    }));
    expect(() => netlink.createLink({ name: 'br0', kind: 'bridge', alias: 'mine' })).toThrow(
      /already exists/,
    );
    expect(requests).toHaveLength(2);
    expect(calls.filter(({ name }) => name === 'recv')).toHaveLength(2);
  });

  it('take what is not there as an answer', () => {
    const { netlink } = talk(() => ({ errno: ENODEV }));
    expect(netlink.link('nix')).toBeUndefined();
    expect(netlink.deleteLink('nix')).toBe(false);
    expect(() => netlink.changeLink('nix', { up: true })).toThrow(SyscallError);
  });

  it('tell whether a namespace is held', () => {
    expect(talk(() => ({ messages: [link(1, 'lo')], errno: 0 })).netlink.isHeld(3)).toBe(true);
    expect(talk(() => ({ errno: ENOENT })).netlink.isHeld(3)).toBe(false);
    expect(talk(() => done).netlink.isHeld(-1)).toBe(false);
  });
});

describe('dumps', () => {
  it('come in several datagrams', () => {
    const { netlink } = talk(() => [{ messages: [link(1, 'lo')] }, { messages: [link(2, 'eth0')] }, done]);
    expect(netlink.links().map(({ name }) => name)).toEqual(['lo', 'eth0']);
  });

  it('that changes have torn are asked for again', () => {
    let asked = 0;
    const { netlink } = talk(() => {
      asked += 1;
      const torn = asked === 1 ? NLM_F.DUMP_INTR : 0;
      return [{ messages: [link(asked, `eth${asked}`, torn)] }, done];
    });
    expect(netlink.links().map(({ name }) => name)).toEqual(['eth2']);
  });

  it('that are torn each time are not taken for whole', () => {
    const { netlink } = talk(() => [{ messages: [link(1, 'lo', NLM_F.DUMP_INTR)] }, done]);
    expect(() => netlink.links()).toThrow(
      expect.objectContaining({
        code: 'EAGAIN',
        message: expect.stringMatching(/^RTM_GETLINK: .*: it changed each of 100 times that it was read$/),
      }),
    );
  });

  it('that fail throw', () => {
    const { netlink } = talk(() => ({ errno: EINVAL, text: 'Invalid header' }));
    expect(() => netlink.links()).toThrow('RTM_GETLINK: invalid argument: Invalid header');
  });
});

describe('the socket', () => {
  it('is closed when it cannot be set up', () => {
    const kernel = fakeKernel(() => done);
    const fails = () => {
      throw new SyscallError('bind', EINVAL);
    };
    const syscalls = new Proxy(kernel.syscalls, {
      get: (calls, name) => (name === 'bind' ? fails : calls[name as keyof typeof calls]),
    });
    expect(() => openNetlink(syscalls)).toThrow(/bind/);
    expect(kernel.calls.map(({ name }) => name).at(-1)).toBe('close');
  });
});

describe('another network namespace', () => {
  it('is left again, whatever happens in it', () => {
    const { syscalls, calls } = fakeKernel(() => done);
    const work = () => {
      throw new Error('in the middle');
    };
    expect(() => inNetworkNamespace(syscalls, '/proc/7/ns/net', work)).toThrow('in the middle');
    const [own, other] = [100, 101];
    expect(calls.map(({ name, args }) => [name, args[0]])).toEqual([
      ['openat', -100],
      ['openat', -100],
      ['setns', other],
      ['close', other],
      ['setns', own],
      ['close', own],
    ]);
    expect(calls.find(({ name }) => name === 'setns')?.args[1]).toBe(CLONE.NEWNET);
  });

  it('of which the path is gone is not entered', () => {
    const { syscalls, calls } = fakeKernel(() => done);
    let opened = 0;
    const openat = () => {
      opened += 1;
      if (opened === 2) throw new SyscallError('openat', constants.errno.ENOENT, '/proc/7/ns/net');
      return 100;
    };
    expect(() =>
      inNetworkNamespace(
        { ...syscalls, openat, setns: syscalls.setns, close: syscalls.close },
        '/proc/7/ns/net',
        () => 1,
      ),
    ).toThrow(/ns\/net/);
    expect(calls.map(({ name }) => name)).toEqual(['close']);
  });
});
