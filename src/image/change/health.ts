import { durationOf } from '../duration.ts';
import type { ImageRunConfig } from '../types.ts';
import { commandOf } from './command.ts';

type Healthcheck = NonNullable<ImageRunConfig['Healthcheck']>;

const TIMES: Record<string, 'Interval' | 'Timeout' | 'StartPeriod' | 'StartInterval'> = {
  interval: 'Interval',
  timeout: 'Timeout',
  'start-period': 'StartPeriod',
  'start-interval': 'StartInterval',
};
const NANOSECONDS = 1e6;

/** `[--interval=5s ...] CMD command` or `NONE` (Dockerfile reference, "HEALTHCHECK"). Throws an Error that says what is wrong. */
export function healthOf(text: string): Healthcheck {
  const flags: Partial<Healthcheck> = {};
  let rest = text;
  for (let match = FLAG.exec(rest); match !== null; match = FLAG.exec(rest)) {
    Object.assign(flags, flagOf(match[1]!, match[2]!));
    rest = match[3]!;
  }
  const [, kind = '', command = ''] = /^(\S*)\s*(.*)$/s.exec(rest)!;
  if (kind.toUpperCase() === 'NONE' && command === '') return { Test: ['NONE'] };
  if (kind.toUpperCase() !== 'CMD' || command === '') throw new Error('it needs NONE, or CMD and a command');
  const { words, isShell } = commandOf(command);
  return { Test: isShell ? ['CMD-SHELL', command] : ['CMD', ...words], ...flags };
}

const FLAG = /^--([\w-]+)=(\S*)\s*(.*)$/s;

function flagOf(name: string, value: string): Partial<Healthcheck> {
  if (name === 'retries') {
    if (/^\d{1,9}$/.test(value)) return { Retries: Number(value) };
    throw new Error('--retries takes a number');
  }
  const key = TIMES[name];
  if (key === undefined) throw new Error(`there is no option --${name}`);
  const milliseconds = durationOf(value);
  if (milliseconds === undefined) throw new Error(`--${name} takes a time such as 30s`);
  return { [key]: milliseconds * NANOSECONDS };
}
