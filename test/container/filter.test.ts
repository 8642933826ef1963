import { describe, expect, it } from 'vitest';
import { type Candidate, filterContainers, parseFilters } from '../../src/container/filter.ts';
import { planContainer } from '../../src/container/plan.ts';
import type { ContainerState } from '../../src/container/schema.ts';
import { fakeImage } from './fake-context.ts';

function candidate(
  name: string,
  status: ContainerState['status'] | 'paused',
  labels: Record<string, string> = {},
): Candidate {
  const id = Buffer.from(name).toString('hex').padEnd(64, '0');
  const birth = {
    id,
    name,
    created: new Date(0),
    image: fakeImage(),
    reference: 'alpine',
    storageDriver: 'o',
    sharedHostname: 'h',
    available: [],
  };
  const config = planContainer(
    { labels, binds: [{ source: '/s', destination: '/d', readonly: true, recursive: true }] },
    birth,
  );
  const state: ContainerState = { version: 1, status: status === 'paused' ? 'running' : status, exitCode: 3 };
  return { container: { id, config, state }, status, health: 'none' };
}

// Newest first.
const all = [
  candidate('web2', 'running', { tier: 'front', a: '' }),
  candidate('web1', 'paused', { tier: 'back' }),
  candidate('db', 'exited'),
];

const chosen = (...filters: string[]) =>
  filterContainers(all, parseFilters(filters)).map(({ container }) => container.config.name);

describe('ps --filter', () => {
  it.each([
    [[], ['web2', 'web1', 'db']],
    [['name=web'], ['web2', 'web1']],
    [['name=^/db$'], ['db']],
    [
      ['name=db', 'name=web1'],
      ['web1', 'db'],
    ],
    [['name=web', 'status=paused'], ['web1']],
    [['status=exited'], ['db']],
    [['exited=3'], ['db']],
    [['exited=0'], []],
    [['label=tier'], ['web2', 'web1']],
    [['label=tier=front'], ['web2']],
    [['label=tier=front', 'label=a='], ['web2']],
    [['label=tier=front', 'label=b'], []],
    [['before=web1'], ['db']],
    [['since=db'], ['web2', 'web1']],
    [['since=db', 'before=web2'], ['web1']],
    [['ancestor=alpine'], ['web2', 'web1', 'db']],
    [['ancestor=alpine:latest'], ['web2', 'web1', 'db']],
    [[`ancestor=${'a'.repeat(12)}`], ['web2', 'web1', 'db']],
    [['ancestor=debian'], []],
    [['volume=/d'], ['web2', 'web1', 'db']],
    [['volume=/x'], []],
    [['network=bridge'], ['web2', 'web1', 'db']],
    [['health=healthy'], []],
    [['health=none'], ['web2', 'web1', 'db']],
    [[`id=${Buffer.from('db').toString('hex')}`], ['db']],
  ])('%j', (filters, names) => expect(chosen(...filters)).toEqual(names));

  it.each(['foo=1', 'status=foo', 'health=well', 'exited=x', 'name'])('refuses %s', (filter) => {
    expect(() => parseFilters([filter])).toThrow('invalid filter');
  });
  it('says when the container to compare with is not there', () => {
    expect(() => chosen('before=nosuch')).toThrow('No such container');
  });
});
