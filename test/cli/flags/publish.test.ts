import { describe, expect, it } from 'vitest';
import { parseExpose, parsePublish } from '../../../src/cli/flags/publish.ts';

/** As `hostIp hostPort[-last] containerPort protocol`. */
function shown(text: string): string[] {
  return parsePublish(text).map(({ hostIp, hostPort, lastHostPort, containerPort, protocol }) =>
    [hostIp || 'all', lastHostPort ? `${hostPort}-${lastHostPort}` : hostPort, containerPort, protocol].join(
      ' ',
    ),
  );
}

describe('-p', () => {
  it.each([
    ['80', ['all 0 80 tcp']],
    [':80', ['all 0 80 tcp']],
    ['0:80', ['all 0 80 tcp']],
    ['8080:80', ['all 8080 80 tcp']],
    ['8080:80/TCP', ['all 8080 80 tcp']],
    ['8080:80/udp', ['all 8080 80 udp']],
    ['38412/sctp', ['all 0 38412 sctp']],
    ['127.0.0.1:8080:80', ['127.0.0.1 8080 80 tcp']],
    ['127.0.0.1::80', ['127.0.0.1 0 80 tcp']],
    ['[::1]:8080:80', ['::1 8080 80 tcp']],
    ['[::]::53/udp', [':: 0 53 udp']],
    ['::1:8080:80', ['::1 8080 80 tcp']],
    ['8000-8002:80-82', ['all 8000 80 tcp', 'all 8001 81 tcp', 'all 8002 82 tcp']],
    ['80-81', ['all 0 80 tcp', 'all 0 81 tcp']],
    ['8000-8010:80', ['all 8000-8010 80 tcp']],
    ['8000-8000:80', ['all 8000 80 tcp']],
    ['published=8080,target=80,protocol=udp', ['all 8080 80 udp']],
    ['target=80', ['all 0 80 tcp']],
    ['65535:65535', ['all 65535 65535 tcp']],
  ])('reads %s', (text, ports) => expect(shown(text)).toEqual(ports));

  it.each([
    ['', 'no port specified: <empty>'],
    [':', 'no port specified: :<empty>'],
    ['80:', 'no port specified: 80:<empty>'],
    ['foo', 'invalid containerPort: foo'],
    ['80/foo', 'invalid proto: foo'],
    ['80/tcp/udp', 'invalid proto: tcp/udp'],
    ['1:2:3', 'invalid IP address: 1'],
    ['256.1.1.1:80:80', 'invalid IP address: 256.1.1.1'],
    ['[::1%lo]:80:80:80', 'invalid IP address'],
    ['70000:80', 'invalid hostPort: 70000'],
    ['80:65536', 'invalid containerPort: 65536'],
    ['82-80:80', 'invalid hostPort: 82-80'],
    ['80:80-90', 'invalid ranges specified for container and host Ports: 80-90 and 80'],
    ['80-81:80-82', 'invalid ranges specified for container and host Ports: 80-82 and 80-81'],
    ['-1:80', 'invalid hostPort: -1'],
    ['8080:80\n', 'invalid containerPort'],
    ['published=1,80', "should be name=value but got '80'"],
  ])('refuses %j', (text, why) => expect(() => parsePublish(text)).toThrow(why));
});

describe('--expose', () => {
  it.each([
    ['80', ['80/tcp']],
    ['53/udp', ['53/udp']],
    ['80-82', ['80/tcp', '81/tcp', '82/tcp']],
  ])('reads %s', (text, ports) => expect(parseExpose(text)).toEqual(ports));
  it.each(['', 'x', '80:80', '65536', '82-80'])('refuses %j', (text) =>
    expect(() => parseExpose(text)).toThrow('invalid range format for --expose'),
  );
  it('refuses a protocol that there is not', () =>
    expect(() => parseExpose('80/icmp')).toThrow('invalid proto: icmp'));
});
