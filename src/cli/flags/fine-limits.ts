import { readFileSync } from 'node:fs';
import { UsageError } from '../../errors.ts';
import type { DeviceRate, FineLimits } from '../../runtime/cgroup/fine-limits.ts';
import type { Limits } from '../../runtime/types.ts';
import { parseInteger } from '../flags.ts';
import { parseSize } from '../size.ts';
import type { ContainerFlagValues } from './container.ts';
import { invalidArgument } from './invalid.ts';

/** docker's bounds. */
const MIN_RESERVATION = 6 * 1024 ** 2;
const PERIOD = [1000, 1_000_000] as const;
const MIN_QUOTA = 1000;
const WEIGHT = [10, 1000] as const;

/** The finer limits that the flags ask for, checked against the plain ones. Throws UsageErrors. */
export function parseFineLimits(flags: ContainerFlagValues, plain: Limits): FineLimits {
  const limits: FineLimits = {
    ...given('cpuShares', positive(flags['cpu-shares'], '--cpu-shares')),
    ...parsePeriod(flags),
    ...given('cpusetCpus', parseCpuset(flags['cpuset-cpus'], '--cpuset-cpus')),
    ...given('cpusetMems', parseCpuset(flags['cpuset-mems'], '--cpuset-mems')),
    ...given('memoryReservation', parseReservation(flags['memory-reservation'], plain)),
    ...given('memorySwappiness', parseSwappiness(flags['memory-swappiness'])),
    ...given('oomKillDisable', flags['oom-kill-disable'] || undefined),
    ...given('blkioWeight', within(flags['blkio-weight'], '--blkio-weight', WEIGHT)),
    ...given('blkioWeightDevice', parseRates(flags, 'blkio-weight-device', weight)),
    ...given('deviceReadBps', parseRates(flags, 'device-read-bps', parseSize)),
    ...given('deviceWriteBps', parseRates(flags, 'device-write-bps', parseSize)),
    ...given('deviceReadIops', parseRates(flags, 'device-read-iops', operations)),
    ...given('deviceWriteIops', parseRates(flags, 'device-write-iops', operations)),
  };
  if (plain.cpus === undefined || (limits.cpuPeriod ?? limits.cpuQuota) === undefined) return limits;
  const other = limits.cpuPeriod === undefined ? '--cpu-quota' : '--cpu-period';
  throw new UsageError('CONFLICTING_FLAGS', `conflicting options: --cpus and ${other} cannot both be set`);
}

function given<Key extends keyof FineLimits>(
  key: Key,
  value: FineLimits[Key] | undefined,
): Pick<FineLimits, Key> {
  return (value === undefined ? {} : { [key]: value }) as Pick<FineLimits, Key>;
}

/** docker takes 0 for not set. */
function positive(text: string | undefined, flag: string): number | undefined {
  return text === undefined ? undefined : parseInteger(text, flag, 0) || undefined;
}

function within(
  text: string | undefined,
  flag: string,
  [min, max]: readonly [number, number],
): number | undefined {
  const value = positive(text, flag);
  if (value === undefined || (value >= min && value <= max)) return value;
  throw invalidArgument(flag, text!, { why: `it is not from ${min} to ${max}` });
}

function parsePeriod(flags: ContainerFlagValues): FineLimits {
  const quota =
    flags['cpu-quota'] === undefined ? undefined : parseInteger(flags['cpu-quota'], '--cpu-quota', -1);
  if (quota !== undefined && quota > 0 && quota < MIN_QUOTA) {
    throw invalidArgument('--cpu-quota', String(quota), { why: `it is less than 1 ms (${MIN_QUOTA})` });
  }
  return {
    ...given('cpuPeriod', within(flags['cpu-period'], '--cpu-period', PERIOD)),
    ...given('cpuQuota', quota || undefined),
  };
}

function parseReservation(text: string | undefined, { memory }: Limits): number | undefined {
  const bytes = text === undefined ? 0 : parseSize(text, '--memory-reservation');
  if (bytes === 0) return undefined;
  if (bytes < MIN_RESERVATION)
    throw invalidArgument('--memory-reservation', text!, { why: 'the least is 6m' });
  if (memory === undefined || bytes <= memory) return bytes;
  throw invalidArgument('--memory-reservation', text!, {
    why: 'the memory limit cannot be less than the reservation',
  });
}

/** -1 is docker's word for not set, and 0 a value. */
function parseSwappiness(text: string | undefined): number | undefined {
  const value = text === undefined ? -1 : parseInteger(text, '--memory-swappiness', -1);
  if (value <= 100) return value === -1 ? undefined : value;
  throw invalidArgument('--memory-swappiness', text!, { why: 'it is not from 0 to 100' });
}

const ONLINE = {
  '--cpuset-cpus': ['/sys/devices/system/cpu/online', 'CPUs'],
  '--cpuset-mems': ['/sys/devices/system/node/online', 'memory nodes'],
} as const;

/** A list that names nothing that is not there. */
function parseCpuset(text: string | undefined, flag: keyof typeof ONLINE): string | undefined {
  if (text === undefined || text === '') return undefined;
  const wanted = parseList(text);
  if (!wanted) throw invalidArgument(flag, text, { why: 'it is not a list such as 0-2,4' });
  const [file, what] = ONLINE[flag];
  const online = readList(file);
  const available = parseList(online) ?? [];
  if (wanted.every((one) => available.includes(one))) return text;
  throw invalidArgument(flag, text, { why: `requested ${what} are not available: there are ${online}` });
}

function readList(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '0';
  }
}

/** Numbers of `0-2,4` (cpuset(7), "List format"); undefined for anything else. */
export function parseList(text: string): number[] | undefined {
  const numbers: number[] = [];
  for (const part of text.split(',')) {
    const [, from = '', to = from] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part) ?? [];
    if (from === '' || Number(to) < Number(from)) return undefined;
    for (let number = Number(from); number <= Number(to); number++) numbers.push(number);
  }
  return numbers;
}

type RateFlag =
  | 'blkio-weight-device'
  | 'device-read-bps'
  | 'device-write-bps'
  | 'device-read-iops'
  | 'device-write-iops';

function parseRates(
  flags: ContainerFlagValues,
  name: RateFlag,
  parse: (text: string, flag: string) => number,
): DeviceRate[] | undefined {
  return flags[name]?.map((text) => {
    const colon = text.lastIndexOf(':');
    const path = text.slice(0, Math.max(0, colon));
    if (!path.startsWith('/dev/')) {
      throw invalidArgument(`--${name}`, text, { why: 'it is not DEVICE:RATE', hint: 'as in /dev/sda:1m' });
    }
    return { path, rate: parse(text.slice(colon + 1), `--${name}`) };
  });
}

function operations(text: string, flag: string): number {
  return parseInteger(text, flag, 0);
}

function weight(text: string, flag: string): number {
  return within(text, flag, WEIGHT) ?? 0;
}
