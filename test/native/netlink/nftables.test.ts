import { constants } from 'node:os';
import { describe, expect, it } from 'vitest';
import { createLinkMessage } from '../../../native/netlink/link.ts';
import type { Received } from '../../../native/netlink/message.ts';
import { encodeMessage } from '../../../native/netlink/message.ts';
import { openNftables } from '../../../native/netlink/nftables.ts';
import { addElementsMessage, BEGIN, END, getTableMessage } from '../../../native/netlink/nftables-message.ts';
import { describeMessages, typeOf } from '../../../native/netlink/words.ts';
import { type Answer, fakeKernel } from './fake-kernel.ts';

const { EEXIST, EINVAL, ENOENT } = constants.errno;
const NEW = 0xa0c;
const GET = 0xa0d;
const DELETE = 0xa0e;
const done: Answer = { errno: 0 };

/** Begin and end of a batch are not answered. */
function talk(answer: (request: Received) => Answer) {
  const kernel = fakeKernel((request) =>
    request.type === BEGIN.type || request.type === END.type ? [] : answer(request),
  );
  return { ...kernel, nftables: openNftables(kernel.syscalls) };
}
const element = (number: number, set = 'ports') => ({
  set,
  key: Buffer.from([number >> 8, number & 0xff, 0, 0]),
});
const many = (count: number) => Array.from({ length: count }, (_, at) => element(at));

describe('elements', () => {
  it('are encoded as nft does it, with its comment', () => {
    const { body } = addElementsMessage('t', [
      { set: 's', key: Buffer.from([6, 0, 0, 0]), value: Buffer.from([1, 2, 3, 4]), comment: 'c' },
    ]);
    expect(body.toString('hex')).toBe(
      '01000000' +
        '06000100' +
        '74000000' +
        '06000200' +
        '73000000' +
        '28000300' +
        '24000100' +
        '0c000100' +
        '08000100' +
        '06000000' +
        '0c000200' +
        '08000100' +
        '01020304' +
        '08000600' +
        '00026300',
    );
  });

  it('go in one batch, a message for each set and for each 400', () => {
    const { nftables, requests } = talk(() => done);
    nftables.addElements('t', [...many(500), element(1, 'others')]);
    expect(requests.map(({ type }) => type)).toEqual([16, NEW, NEW, NEW, 17]);
    requests.splice(0);
    nftables.addElements('t', many(1001));
    expect(requests.filter(({ type }) => type === 16)).toHaveLength(2);
    requests.splice(0);
    nftables.addElements('t', []);
    expect(requests).toEqual([]);
  });

  it('of several batches go again when a later one is refused, but for what stood before', () => {
    const old = element(837);
    let batches = 0;
    const { nftables, requests } = talk(({ type, body }) => {
      if (type === GET)
        return body.includes(old.key) ? { messages: [{ type, body }], errno: 0 } : { errno: ENOENT };
      if (type === NEW) batches += 1;
      return { errno: batches > 6 ? EEXIST : 0 };
    });
    expect(() => nftables.addElements('t', many(2500))).toThrow(/file already exists/);
    const deleted = requests.filter(({ type }) => type === DELETE).map(({ body }) => body);
    expect(deleted.length).toBeGreaterThan(1);
    expect(deleted.some((body) => body.includes(element(6).key))).toBe(true);
    expect(deleted.some((body) => body.includes(element(1999).key))).toBe(true);
    expect(deleted.some((body) => body.includes(old.key))).toBe(false);
  });

  it('that are refused throw what failed', () => {
    const { nftables } = talk(() => ({ errno: EEXIST }));
    expect(() => nftables.addElements('t', many(1))).toThrow('NFT_MSG_NEWSETELEM ports: file already exists');
  });

  it('throw when the batch as a whole is refused, which nothing else answers', () => {
    const { syscalls } = fakeKernel(({ type }) => (type === BEGIN.type ? { errno: EINVAL } : []));
    expect(() => openNftables(syscalls).addElements('t', many(1))).toThrow(
      'nf_tables batch: invalid argument',
    );
  });

  it('are deleted one by one where some are gone already', () => {
    const { nftables, requests } = talk(({ type, body }) => ({
      errno: type === DELETE && body.length > 60 ? ENOENT : 0,
    }));
    nftables.deleteElements('t', many(3));
    expect(requests.filter(({ type }) => type === DELETE)).toHaveLength(4);
    const none = talk(() => ({ errno: ENOENT }));
    none.nftables.deleteElements('t', many(2));
    expect(() => talk(() => ({ errno: EINVAL })).nftables.deleteElements('t', many(2))).toThrow(
      /invalid argument/,
    );
  });
});

describe('tables', () => {
  it('are there with or without a comment, or not', () => {
    const body = (hex: string) => ({ messages: [{ type: 0xa00, body: Buffer.from(hex, 'hex') }], errno: 0 });
    expect(
      talk(() => body('01000000' + '09000600' + '0003' + '686900' + '000000')).nftables.tableComment('t'),
    ).toBe('hi');
    expect(talk(() => body('01000000')).nftables.tableComment('t')).toBe('');
    expect(talk(() => ({ errno: ENOENT })).nftables.tableComment('t')).toBeUndefined();
    expect(() => talk(() => ({ errno: EINVAL })).nftables.tableComment('t')).toThrow(/NFT_MSG_GETTABLE t/);
  });
});

describe('words', () => {
  it('tell a batch from the rtnetlink request of the same type', () => {
    expect(typeOf(BEGIN)).toBe('nf_tables batch');
    expect(typeOf(createLinkMessage({ name: 'br0', kind: 'bridge' }))).toBe('RTM_NEWLINK');
    expect(describeMessages(encodeMessage(getTableMessage('t'), 1))).toContain('NFT_MSG_GETTABLE');
  });
});
