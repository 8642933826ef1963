import { describe, expect, it } from 'vitest';
import { planCapabilities } from '../../../src/container/plan/capabilities.ts';
import { planProcess, planSettings } from '../../../src/container/plan/settings.ts';
import { DEFAULT_CAPABILITIES } from '../../../src/runtime/capabilities.ts';

const available = [...DEFAULT_CAPABILITIES, 'CAP_NET_ADMIN', 'CAP_SYS_ADMIN'];

describe('capabilities', () => {
  it.each([
    [{}, DEFAULT_CAPABILITIES],
    [{ capAdd: ['net_admin'] }, [...DEFAULT_CAPABILITIES, 'CAP_NET_ADMIN']],
    [{ capAdd: ['CAP_CHOWN'] }, DEFAULT_CAPABILITIES],
    [{ capDrop: ['CHOWN'] }, DEFAULT_CAPABILITIES.filter((name) => name !== 'CAP_CHOWN')],
    [{ capDrop: ['ALL'] }, []],
    [{ capDrop: ['all'], capAdd: ['NET_ADMIN'] }, ['CAP_NET_ADMIN']],
    [{ capAdd: ['ALL'] }, available],
    [{ capAdd: ['ALL'], capDrop: ['SYS_ADMIN'] }, available.filter((name) => name !== 'CAP_SYS_ADMIN')],
    [{ privileged: true }, available],
  ])('of %j', (asked, names) => expect(planCapabilities(asked, available)).toEqual(names));
  it('must exist', () => {
    expect(() => planCapabilities({ capAdd: ['FOO'] }, available)).toThrow('unknown capability "FOO"');
    expect(() => planCapabilities({ capDrop: ['FOO'] }, available)).toThrow('--cap-drop');
  });
  it('must be there when asked for by name', () => {
    expect(() => planCapabilities({ capAdd: ['SYS_RESOURCE'] }, available)).toThrow('CAP_SYS_RESOURCE');
  });
});

describe('settings', () => {
  it('keep what says something', () => {
    expect(planSettings({}, 'none')).toEqual({});
    const asked = {
      privileged: false,
      dns: [],
      sysctls: {},
      tmpfs: [],
      shmSize: 5,
      labels: { a: 'b' },
      ipc: 'host',
    };
    expect(planSettings(asked as never, 'none')).toEqual({ shmSize: 5, ipc: 'host' });
  });
  it('touch no namespace of the host', () => {
    const sysctls = { 'net.ipv4.ip_forward': '1' };
    expect(() => planSettings({ sysctls }, 'host')).toThrow("host's network namespace");
    expect(planSettings({ sysctls }, 'none')).toEqual({ sysctls });
    expect(() => planSettings({ sysctls: { 'kernel.sem': '1' }, ipc: 'host' }, 'none')).toThrow(
      'IPC namespace',
    );
    expect(() => planSettings({ uts: 'host', hostname: 'x' } as never, 'none')).toThrow('UTS');
  });
  it('of the process are left out where nothing was asked', () => {
    expect(planProcess({}, available)).toEqual({ groups: [], capabilities: DEFAULT_CAPABILITIES });
    expect(planProcess({ noNewPrivileges: true, oomScoreAdj: 0 }, available)).toMatchObject({
      noNewPrivileges: true,
      oomScoreAdj: 0,
    });
  });
});
