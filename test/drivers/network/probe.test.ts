import { constants } from 'node:os';
import { describe, expect, it } from 'vitest';
import { probeLinks } from '../../../drivers/network/probe.ts';
import { createHost } from '../../../src/driver/host.ts';
import { fakeKernel } from '../../native/netlink/fake-kernel.ts';

const { EINVAL, EIO, ENOTSUP, EPERM } = constants.errno;

function probe(errno: number): Promise<void> {
  const { syscalls } = fakeKernel(() => ({ errno }));
  return probeLinks(createHost({ root: '/nowhere', syscalls, log: () => {} }), 'ipvlan');
}

describe('the probe of a kind of links', () => {
  it('is content when one can be made, or lacks its parent alone', async () => {
    await probe(0);
    await probe(EINVAL);
  });

  it.each([
    [ENOTSUP, 'network driver ipvlan: this kernel has no ipvlan links', 'load its module: modprobe ipvlan'],
    [EPERM, 'network driver ipvlan: making links is not permitted', 'run gocker as root'],
  ])('says what is missing: %i', async (errno, message, hint) => {
    await expect(probe(errno)).rejects.toMatchObject({ code: 'DRIVER_UNAVAILABLE', message, hint });
  });

  it('passes on what it does not expect', async () => {
    await expect(probe(EIO)).rejects.toThrow(/RTM_NEWLINK gkprobe\d+: i\/o error/);
  });
});
