import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  findByAddress,
  listNetworks,
  listPublications,
  type Publication,
  readNetwork,
  readPublication,
  writeNetwork,
  writePublication,
} from '../../../../drivers/network/bridge/firewall/records.ts';
import { withdraw } from '../../../../drivers/network/bridge/firewall/withdraw.ts';
import { fakeSyscalls } from '../../../../native/fake.ts';
import { createHost } from '../../../../src/driver/host.ts';
import type { Nftables, NftablesElement } from '../../../../src/driver/index.ts';

const networkId = 'ab'.repeat(32);
const [one, other] = ['01'.repeat(32), '02'.repeat(32)].map((containerId) => ({ containerId, networkId }));

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'gocker-records-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const host = () => ({
  ...createHost({ root, syscalls: fakeSyscalls().syscalls, log: () => {} }),
  forgetFlows: () => {},
});
const publication = (which: typeof one, address: string): Publication => ({
  ...which!,
  name: 'web',
  netns: { path: '/nowhere', inode: 1, boot: 'earlier' },
  holder: '0:1',
  addresses: [address],
  ports: [],
});
const files = () => readdirSync(join(root, 'firewall/ports'));

describe('a record of what is published', () => {
  beforeEach(() => {
    writePublication(host(), publication(one, '10.0.0.2'));
    writePublication(host(), publication(other, '10.0.0.3'));
    const damaged = files().find((name) => name.startsWith(one!.containerId))!;
    writeFileSync(join(root, 'firewall/ports', damaged), '');
  });

  it('is passed over where it is damaged, and the others count', () => {
    expect(listPublications(host()).map(({ containerId }) => containerId)).toEqual([other!.containerId]);
    expect(readPublication(host(), one!)).toBeUndefined();
    expect(readPublication(host(), other!)?.addresses).toEqual(['10.0.0.3']);
  });

  it('goes with whoever takes its address or withdraws it, damaged or not', () => {
    expect(findByAddress(host(), other!, ['10.0.0.2'])).toMatchObject([one!]);
    const deleted: NftablesElement[] = [];
    const nftables = {
      deleteElements: (_table: string, some: NftablesElement[]) => void deleted.push(...some),
    };
    withdraw(host(), nftables as Nftables, one!);
    expect([files().length, deleted]).toEqual([1, []]);
    withdraw(host(), nftables as Nftables, other!);
    expect([files(), deleted.length]).toEqual([[], 1]);
  });
});

describe('a record of a network', () => {
  it('is its wall, and is told where it is damaged', () => {
    const network = { id: networkId, bridge: 'gocker0', internal: false, masquerade: true };
    writeNetwork(host(), network);
    expect([readNetwork(host(), networkId), listNetworks(host())]).toEqual([network, [network]]);
    writeFileSync(join(root, `firewall/networks/${networkId}.json`), '');
    for (const read of [() => readNetwork(host(), networkId), () => listNetworks(host())])
      expect(read).toThrow(expect.objectContaining({ code: 'STATE_DAMAGED' }));
  });
});
