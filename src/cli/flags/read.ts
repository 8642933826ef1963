import type { CreateOptions, SettingsOptions } from '../../engine.ts';
import type { Limits } from '../../runtime/types.ts';
import { parseInteger } from '../flags.ts';
import { parseSize } from '../size.ts';
import type { ContainerFlagValues } from './container.ts';
import { parseFineLimits } from './fine-limits.ts';
import { invalidArgument } from './invalid.ts';
import { parseLabels } from './labels.ts';
import { parseDevice, parseTmpfs } from './mounts.ts';
import { parseDomain, parseHost, parseResolverOption, parseServer } from './names.ts';
import { parseNamespaces, parseSecurity, parseSysctls } from './security.ts';
import { parseUlimit } from './ulimit.ts';

const MAX_SCORE = 1000;

/** What `containerFlags` ask for; `plain` are the limits of the other flags. Throws UsageErrors. */
export function readContainerFlags(
  flags: ContainerFlagValues,
  plain: Limits,
): SettingsOptions & Pick<CreateOptions, 'limits'> {
  const shm = flags['shm-size'] === undefined ? 0 : parseSize(flags['shm-size'], '--shm-size');
  const score = parseScore(flags['oom-score-adj']);
  return {
    limits: { ...plain, ...parseFineLimits(flags, plain) },
    labels: parseLabels(flags.label, flags['label-file']),
    tmpfs: (flags.tmpfs ?? []).map(parseTmpfs),
    devices: (flags.device ?? []).map(parseDevice),
    groups: flags['group-add'] ?? [],
    ulimits: lastOfEach((flags.ulimit ?? []).map(parseUlimit)),
    capAdd: flags['cap-add'] ?? [],
    capDrop: flags['cap-drop'] ?? [],
    privileged: flags.privileged ?? false,
    readonlyRootfs: flags['read-only'] ?? false,
    sysctls: parseSysctls(flags.sysctl),
    extraHosts: (flags['add-host'] ?? []).map(parseHost),
    dns: (flags.dns ?? []).map(parseServer),
    dnsSearch: (flags['dns-search'] ?? []).map(parseDomain),
    dnsOptions: (flags['dns-option'] ?? []).map(parseResolverOption),
    ...(shm > 0 ? { shmSize: shm } : {}),
    ...(score === undefined ? {} : { oomScoreAdj: score }),
    ...parseSecurity(flags['security-opt']),
    ...parseNamespaces(flags),
  };
}

function lastOfEach<T extends { name: string }>(items: T[]): T[] {
  return [...new Map(items.map((item) => [item.name, item])).values()];
}

function parseScore(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const score = parseInteger(text, '--oom-score-adj', -MAX_SCORE);
  if (score <= MAX_SCORE) return score;
  throw invalidArgument('--oom-score-adj', text, { why: 'it is not from -1000 to 1000' });
}
