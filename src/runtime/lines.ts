import type { Socket } from 'node:net';

/** What `node:readline` gives, which takes 2 ms to load. A last line that is not whole is none. */
export async function* linesOf(pipe: Socket): AsyncGenerator<string, undefined> {
  let rest = '';
  for await (const text of pipe.setEncoding('utf8')) {
    const lines = `${rest}${text}`.split('\n');
    rest = lines.pop()!;
    yield* lines;
  }
}
