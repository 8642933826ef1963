import { describe, expect, it } from 'vitest';
import type { ContainerContext } from '../../../src/container/context.ts';
import { openJournal } from '../../../src/container/logs/journald.ts';
import type { Container } from '../../../src/container/schema.ts';
import { GockerError } from '../../../src/errors.ts';

const failed = (code: string) => Object.assign(new Error(code), { code });

/** A journal that can go away and come back: each start of it is another connection. */
function setUp() {
  const journal = { starts: 1, runs: true, entries: [] as string[] };
  const connections = new Map<number, number>();
  let next = 10;
  const syscalls = {
    socket: () => next++,
    connect: (fd: number) => {
      if (!journal.runs) throw failed('ECONNREFUSED');
      connections.set(fd, journal.starts);
    },
    write: (fd: number, data: Buffer) => {
      if (!journal.runs || connections.get(fd) !== journal.starts) throw failed('ECONNREFUSED');
      journal.entries.push(data.toString('latin1'));
      return data.length;
    },
    close: (fd: number) => connections.delete(fd),
  };
  const config = { name: 'web', image: { reference: 'alpine' } } as Container['config'];
  const open = () =>
    openJournal(
      { syscalls: syscalls as unknown as ContainerContext['syscalls'] },
      { id: 'a'.repeat(64), config },
    );
  return { journal, connections, open };
}

describe('the journal', () => {
  it('gets each line with docker’s fields', () => {
    const { journal, connections, open } = setUp();
    const log = open();
    log.write('stderr', Buffer.from('one\ntwo'));
    log.close();
    expect(journal.entries.map((entry) => /MESSAGE\n.{8}(.*)\n$/s.exec(entry)?.[1])).toEqual(['one', 'two']);
    expect(journal.entries[0]).toMatch(/^CONTAINER_ID=a{12}\nCONTAINER_ID_FULL=a{64}\nCONTAINER_NAME=web\n/);
    expect(journal.entries[0]).toContain('PRIORITY=3\n');
    expect(journal.entries[0]).not.toContain('CONTAINER_PARTIAL_MESSAGE');
    expect(journal.entries[1]).toContain('CONTAINER_PARTIAL_MESSAGE=true\n');
    expect(connections.size).toBe(0);
  });
  it('that is started anew gets what comes then; meanwhile lines are lost and nothing else', () => {
    const { journal, connections, open } = setUp();
    const log = open();
    journal.runs = false;
    log.write('stdout', Buffer.from('lost\n'));
    Object.assign(journal, { runs: true, starts: 2 });
    log.write('stdout', Buffer.from('kept\n'));
    expect(journal.entries).toEqual([expect.stringMatching(/kept\n$/)]);
    expect(connections.size).toBe(1);
    log.close();
  });
  it('that is not there is refused at the start', () => {
    const { journal, open } = setUp();
    journal.runs = false;
    expect(open).toThrow(GockerError);
  });
});
