import type { Syscalls } from '../../../native/syscalls.ts';
import { EXIT, GockerError } from '../../errors.ts';
import { CONTROL_FD, encodeMessage, GO, type InitReport, type InitRequest, REPORT_FD } from '../protocol.ts';

const CHUNK = 65536;
const NEWLINE = 10;

/** Init's end of the two pipes. */
export interface Channel {
  request(): InitRequest;
  report(message: InitReport): void;
  /** Waits until the supervisor lets us go on; ends this process when the supervisor is gone. */
  awaitGo(): void;
}

/** Reads and writes synchronously: other threads of this process are not where the main thread is. */
export function openChannel(syscalls: Syscalls): Channel {
  let pending = Buffer.alloc(0);
  const readLine = (): string => {
    for (;;) {
      const end = pending.indexOf(NEWLINE);
      if (end >= 0) {
        const line = pending.toString('utf8', 0, end);
        pending = pending.subarray(end + 1);
        return line;
      }
      const chunk = syscalls.read(CONTROL_FD, CHUNK);
      if (chunk.length === 0) syscalls._exit(EXIT.ENGINE);
      pending = Buffer.concat([pending, chunk]);
    }
  };
  return {
    request: () => JSON.parse(readLine()) as InitRequest,
    report: (message) => void syscalls.write(REPORT_FD, Buffer.from(encodeMessage(message))),
    awaitGo: () => {
      if (JSON.parse(readLine()) !== GO) throw new Error('the supervisor said something else than go');
    },
  };
}

/** An error of init as the supervisor gets it. */
export function failureReport(error: unknown, step: string): InitReport {
  const known = error instanceof GockerError ? error : undefined;
  const message = error instanceof Error ? error.message : String(error);
  return {
    type: 'error',
    failure: {
      step,
      code: known?.code ?? 'INIT_FAILED',
      message,
      ...(known?.hint !== undefined && { hint: known.hint }),
      exitCode: known?.exitCode ?? EXIT.ENGINE,
    },
  };
}
