import { describe, expect, it } from 'vitest';
import { wantedPorts } from '../../../src/container/network/ports.ts';
import { portList } from '../../../src/container/port-list.ts';
import type { ContainerConfig, NetworkAttachment, PortBinding } from '../../../src/container/schema.ts';

type Port = NetworkAttachment['made']['ports'][number];

const port = (
  hostIp: string,
  hostPort: number,
  containerPort: number,
  protocol: Port['protocol'] = 'tcp',
) => ({
  ...{ hostIp, hostPort, containerPort, protocol },
});

describe('what ps shows', () => {
  const list = (exposed: string[], ports: Port[]) =>
    portList({ exposed } as ContainerConfig, [{ made: { ports } } as NetworkAttachment]);
  it('is docker’s line', () => {
    const ports = [port('0.0.0.0', 8080, 80), port('0.0.0.0', 9001, 9001), port('0.0.0.0', 9000, 9000)];
    const line = '443/tcp, 0.0.0.0:9000-9001->9000-9001/tcp, 0.0.0.0:8080->80/tcp';
    expect(list(['443/tcp', '80/tcp'], ports)).toBe(line);
  });
  it('draws only neighbours together', () => {
    expect(list(['80/tcp', '81/tcp', '83/tcp', '81/udp'], [])).toBe('80-81/tcp, 83/tcp, 81/udp');
    expect(list([], [port('::', 53, 53, 'udp'), port('127.0.0.1', 54, 54, 'udp')])).toBe(
      '127.0.0.1:54->54/udp, [::]:53->53/udp',
    );
    const moved = [port('0.0.0.0', 8000, 80), port('0.0.0.0', 8001, 81)];
    expect(list([], moved)).toBe('0.0.0.0:8000->80/tcp, 0.0.0.0:8001->81/tcp');
  });
  it('is nothing for one that does not run', () => {
    expect(portList({ exposed: ['80/tcp'] } as ContainerConfig, undefined)).toBe('');
  });
});

describe('what is published', () => {
  const wanted = (config: Partial<ContainerConfig>, ipv6 = false) =>
    wantedPorts({ ports: [], exposed: [], publishAll: false, ...config }, { ipv6 }).map(
      ({ hostIp, hostPort, lastHostPort, containerPort, protocol }) =>
        `${hostIp} ${hostPort}-${lastHostPort} ${containerPort}/${protocol}`,
    );
  const asked: PortBinding = { hostIp: '', hostPort: 8080, containerPort: 80, protocol: 'tcp' };
  it('is on all addresses of the families that the network has', () => {
    expect(wanted({ ports: [asked] })).toEqual(['0.0.0.0 8080-8080 80/tcp']);
    expect(wanted({ ports: [asked] }, true)).toEqual(['0.0.0.0 8080-8080 80/tcp', ':: 8080-8080 80/tcp']);
    expect(wanted({ ports: [{ ...asked, hostIp: '::1' }] })).toEqual(['::1 8080-8080 80/tcp']);
    expect(wanted({ ports: [{ ...asked, lastHostPort: 8090 }] })).toEqual(['0.0.0.0 8080-8090 80/tcp']);
  });
  it('is with -P all that is exposed and has no port yet', () => {
    const config = { ports: [asked], exposed: ['80/tcp', '53/udp'] };
    expect(wanted({ ...config, publishAll: true })).toEqual([
      '0.0.0.0 8080-8080 80/tcp',
      '0.0.0.0 0-0 53/udp',
    ]);
    expect(wanted(config)).toEqual(['0.0.0.0 8080-8080 80/tcp']);
  });
});
