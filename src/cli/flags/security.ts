import type { SettingsOptions } from '../../engine.ts';
import { UsageError } from '../../errors.ts';
import { quoted } from '../../image/printable.ts';
import type { ContainerFlagValues } from './container.ts';
import { invalidArgument } from './invalid.ts';

/** Those that belong to the IPC namespace (runc, validator.go); `net.` and `fs.mqueue.` are namespaced as a whole. */
const IPC_SYSCTLS =
  'kernel.msgmax kernel.msgmnb kernel.msgmni kernel.sem kernel.shmall kernel.shmmax kernel.shmmni kernel.shm_rmid_forced';

/** `NAME=VALUE` for each; a setting that is the host's alone is refused, as docker does. Throws a UsageError. */
export function parseSysctls(texts: string[] = []): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const equals = text.indexOf('=');
      const name = text.slice(0, Math.max(0, equals));
      if (equals < 1 || !/^[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*$/.test(name)) {
        throw invalidArgument('--sysctl', text, { why: 'it is not NAME=VALUE' });
      }
      const own = /^(net|fs\.mqueue)\./.test(name) || IPC_SYSCTLS.split(' ').includes(name);
      if (own) return [name, text.slice(equals + 1)];
      throw invalidArgument('--sysctl', text, {
        why: `sysctl ${quoted(name)} is not allowed: it is no setting of a container's own namespaces`,
        hint: 'those of net.*, fs.mqueue.* and System V IPC are',
      });
    }),
  );
}

/** docker's `--security-opt`s. Those that no part of gocker enforces yet are taken only where they ask for nothing. */
export function parseSecurity(
  texts: string[] = [],
): Pick<SettingsOptions, 'securityOptions' | 'noNewPrivileges'> {
  let noNewPrivileges: boolean | undefined;
  for (const text of texts) {
    const [, key = text, value] = /^([^=:]*)[=:](.*)$/.exec(text) ?? [];
    if (key === 'no-new-privileges') noNewPrivileges = parseSwitch(text, value);
    else if (!(key in REFUSALS))
      throw invalidArgument('--security-opt', text, { why: 'there is no such option' });
    else if (!IDLE.includes(`${key}=${value}`)) throw refused(text, key as keyof typeof REFUSALS);
  }
  return { securityOptions: texts, ...(noNewPrivileges === undefined ? {} : { noNewPrivileges }) };
}

const IDLE = ['seccomp=unconfined', 'apparmor=unconfined', 'label=disable'];

const REFUSALS = {
  seccomp: 'gocker applies no seccomp profiles yet',
  apparmor: 'gocker applies no AppArmor profiles',
  label: 'gocker sets no SELinux labels',
} as const;

function refused(text: string, key: keyof typeof REFUSALS): UsageError {
  const idle = IDLE.find((one) => one.startsWith(key));
  return invalidArgument('--security-opt', text, { why: REFUSALS[key], hint: `${idle} is understood` });
}

function parseSwitch(text: string, value = 'true'): boolean {
  if (value === 'true' || value === 'false') return value === 'true';
  throw invalidArgument('--security-opt', text, { why: 'it is neither true nor false' });
}

/** What each namespace may be; the first is what a container has anyway. */
const MODES = {
  pid: ['', 'private', 'host'],
  ipc: ['', 'private', 'shareable', 'host', 'none'],
  uts: ['', 'private', 'host'],
  userns: ['', 'host'],
} as const;

/** Whose namespaces the container has. Throws a UsageError. */
export function parseNamespaces(flags: ContainerFlagValues): Pick<SettingsOptions, 'pid' | 'ipc' | 'uts'> {
  for (const name of Object.keys(MODES) as (keyof typeof MODES)[]) {
    const mode = flags[name] ?? '';
    if ((MODES[name] as readonly string[]).includes(mode)) continue;
    const known = MODES[name].filter(Boolean).join(', ');
    const why = mode.startsWith('container:')
      ? "another container's is not supported yet"
      : `unknown ${name} mode`;
    throw new UsageError('INVALID_MODE', `invalid argument ${quoted(mode)} for --${name}: ${why}`, {
      hint: `it may be ${known}`,
    });
  }
  return {
    ...(flags.pid === 'host' ? { pid: 'host' as const } : {}),
    ...(flags.uts === 'host' ? { uts: 'host' as const } : {}),
    ...(flags.ipc === 'host' || flags.ipc === 'none' ? { ipc: flags.ipc } : {}),
  };
}
