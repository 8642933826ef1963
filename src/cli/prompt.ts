import { Writable } from 'node:stream';
import { EXIT, GockerError, UsageError } from '../errors.ts';

/** A password is shorter, and so are tokens. */
const MAX_SECRET = 64 * 1024;
const SIGINT = 2;

export interface PromptOptions {
  /** What is typed is not shown. */
  hidden?: boolean;
  /** The flag that takes the answer where nobody can be asked. */
  insteadGive: string;
}

/** Asks the person at the terminal for one line; the question goes to stderr. Throws NO_TERMINAL, EMPTY_ANSWER or CANCELLED. */
export async function promptFor(question: string, { hidden, insteadGive }: PromptOptions): Promise<string> {
  const what = question.replace(/\W+$/, '').toLowerCase();
  if (!process.stdin.isTTY) {
    throw new UsageError('NO_TERMINAL', `cannot ask for the ${what}: standard input is no terminal`, {
      hint: `give it with ${insteadGive}`,
    });
  }
  const answer = await readLine(question, hidden ?? false);
  if (hidden) process.stderr.write('\n');
  if (answer === '') throw new UsageError('EMPTY_ANSWER', `the ${what} is empty`);
  return answer;
}

/** In terminal mode readline, not the terminal, shows what is typed: where, is its `output`. */
async function readLine(question: string, hidden: boolean): Promise<string> {
  const { createInterface } = await import('node:readline');
  const nowhere = new Writable({ write: (_chunk, _, done) => done() });
  const output = hidden ? nowhere : process.stderr;
  const reader = createInterface({ input: process.stdin, output, terminal: true, prompt: question });
  // Only now does the terminal show nothing by itself.
  if (hidden) process.stderr.write(question);
  reader.prompt();
  return new Promise((resolve, reject) => {
    let answer = '';
    reader.once('line', (line) => {
      answer = line;
      reader.close();
    });
    reader.once('SIGINT', () => {
      process.stderr.write('\n');
      reject(new GockerError('CANCELLED', 'cancelled', { exitCode: EXIT.SIGNAL_BASE + SIGINT }));
      reader.close();
    });
    reader.once('close', () => resolve(answer));
  });
}

/** All of standard input, without the line's end. Throws EMPTY_ANSWER or TOO_LARGE. */
export async function readSecretInput(): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_SECRET) {
      throw new UsageError(
        'TOO_LARGE',
        `standard input has more than ${MAX_SECRET} bytes, which is no password`,
      );
    }
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks)
    .toString()
    .replace(/\r?\n$/, '');
  if (text === '') throw new UsageError('EMPTY_ANSWER', 'the password on standard input is empty');
  return text;
}
