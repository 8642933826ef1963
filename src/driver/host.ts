import { execFile } from 'node:child_process';
import { isAbsolute } from 'node:path';
import { forgetFlows } from '../../native/netlink/conntrack.ts';
import { inNetworkNamespace, openNetlink } from '../../native/netlink/index.ts';
import { openNftables } from '../../native/netlink/nftables.ts';
import type { Syscalls } from '../../native/syscalls.ts';
import { GockerError } from '../errors.ts';
import type { DriverHost } from './index.ts';

export interface HostOptions {
  /** The driver's own directory. */
  root: string;
  syscalls: Syscalls;
  log(message: string): void;
}

const CLEAN_ENVIRONMENT = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };
const MAX_OUTPUT = 16 * 1024 * 1024;
const TIMEOUT_MS = 60_000;

/** What a driver is lent. */
export function createHost({ root, syscalls, log }: HostOptions): DriverHost {
  return {
    root,
    syscalls,
    log,
    run,
    nftables: () => openNftables(syscalls),
    forgetFlows: (query) => forgetFlows(syscalls, query),
    netlink: (netns) => openNetlink(syscalls, netns),
    inNetworkNamespace: (netns, work) => inNetworkNamespace(syscalls, netns, work),
  };
}

/** Rejects with PROGRAM_FAILED, which holds the end of what the program said on stderr. */
async function run(file: string, args: string[], input = ''): Promise<string> {
  if (!isAbsolute(file)) throw new TypeError(`not an absolute path: ${file}`);
  return new Promise((resolve, reject) => {
    const options = { env: CLEAN_ENVIRONMENT, maxBuffer: MAX_OUTPUT, timeout: TIMEOUT_MS };
    const child = execFile(file, args, options, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      const said = stderr.trim().split('\n').at(-1) || error.message;
      reject(new GockerError('PROGRAM_FAILED', `${file} ${args.join(' ')}: ${said}`, { cause: error }));
    });
    // Who has read enough closes it; what became of the program is told above.
    child.stdin?.on('error', () => undefined).end(input);
  });
}
