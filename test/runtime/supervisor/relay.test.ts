import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import { relay } from '../../../src/runtime/supervisor/relay.ts';

function setUp() {
  const [from, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const outputs = [{ from: from as unknown as Socket, to: stdout }];
  return { from, stdout, connect: () => relay({ stdout, stderr }, { input: undefined, outputs }) };
}

describe('the relay', () => {
  it('is drained when all that was written has been handed on', async () => {
    const { from, stdout, connect } = setUp();
    const { drained } = connect();
    from.end('all of it');
    await drained;
    expect(String(stdout.read())).toBe('all of it');
  });
  it('is drained at once by a pipe that has been closed before', async () => {
    const { from, connect } = setUp();
    from.resume().end();
    await finished(from);
    from.destroy();
    await connect().drained;
  });
});
