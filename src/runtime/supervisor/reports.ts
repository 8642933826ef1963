import type { Socket } from 'node:net';
import { GockerError } from '../../errors.ts';
import { linesOf } from '../lines.ts';
import type { InitReport } from '../protocol.ts';

/** Reads init's reports one by one. */
export interface Reports {
  /** The next report, which must be of this type. Rejects with what init says went wrong, or that it ended. */
  expect<Type extends InitReport['type']>(type: Type): Promise<InitReport & { type: Type }>;
  /** Resolves when init has become the program: it says that it is about to, and nothing after. */
  becomes(): Promise<void>;
  /** Of an init that has ended: rejects with what it says went wrong, or that it ended. */
  end(): Promise<never>;
}

export function readReports(pipe: Socket): Reports {
  const lines = linesOf(pipe);
  const next = async (): Promise<InitReport | undefined> => {
    const { value, done } = await lines.next();
    const report = done ? undefined : (JSON.parse(value) as InitReport);
    if (report?.type === 'error') throw failure(report);
    return report;
  };
  const expect = async <Type extends InitReport['type']>(type: Type) => {
    const report = await next();
    if (report?.type === type) return report as InitReport & { type: Type };
    throw killed(`init ended before its report ${JSON.stringify(type)}`);
  };
  return {
    expect,
    becomes: async () => {
      await expect('becoming');
      const report = await next();
      if (report) throw new Error(`unexpected report ${report.type}`);
    },
    end: async () => {
      while (await next());
      throw killed('init ended before it became the program');
    },
  };
}

function killed(message: string): GockerError {
  return new GockerError('INIT_FAILED', message, {
    hint: 'something killed it: look at dmesg for the OOM killer',
  });
}

function failure({
  failure: { step, code, message, hint, exitCode },
}: InitReport & { type: 'error' }): GockerError {
  return new GockerError(code, step === '' || step === 'run the program' ? message : `${step}: ${message}`, {
    hint,
    exitCode,
  });
}
