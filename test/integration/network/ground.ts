/** Network namespaces of the tests' own: nothing here touches the host's links, routes and sysctls. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { AT_FDCWD, CLONE, O } from '../../../native/constants.ts';
import { createSyscalls } from '../../../native/index.ts';
import { createHost } from '../../../src/driver/host.ts';
import type {
  CreateDriver,
  DriverHost,
  Endpoint,
  Network,
  NetworkDriver,
} from '../../../src/driver/index.ts';

export const syscalls = createSyscalls();
const namespace = () => syscalls.openat(AT_FDCWD, '/proc/self/ns/net', O.RDONLY | O.CLOEXEC);

/** A namespace that lives until it is closed; any process can enter it by its path. */
export interface Namespace {
  path: string;
  /** What a program prints that runs in it. */
  run(...command: string[]): string;
  close(): void;
}

/** What the test of a driver works with. */
export interface DriverGround {
  driver: NetworkDriver;
  host: DriverHost;
  /** What the driver said to the person at the terminal. */
  said: string[];
}

const opened: Namespace[] = [];

export function newNamespace(): Namespace {
  const own = namespace();
  syscalls.unshare(CLONE.NEWNET);
  const fd = namespace();
  syscalls.setns(own, CLONE.NEWNET);
  syscalls.close(own);
  const path = `/proc/${process.pid}/fd/${fd}`;
  let open = true;
  const made: Namespace = {
    path,
    run: (...command) => run('nsenter', `--net=${path}`, ...command),
    close: () => {
      if (open) syscalls.close(fd);
      open = false;
    },
  };
  opened.push(made);
  return made;
}

/** The tests of a file run in a namespace of their own, which plays the host; each test gets a driver without a past. */
export function useHostNamespace(create: CreateDriver<NetworkDriver>): DriverGround {
  let own: number;
  const ground = {} as DriverGround;
  beforeAll(() => {
    own = namespace();
    syscalls.unshare(CLONE.NEWNET);
    run('ip', 'link', 'set', 'lo', 'up');
  });
  afterAll(() => {
    syscalls.setns(own, CLONE.NEWNET);
    syscalls.close(own);
  });
  beforeEach(() => {
    const said: string[] = [];
    const root = join(mkdtempSync(join(tmpdir(), 'gocker-network-')), 'driver');
    const host = createHost({ root, syscalls, log: (line) => said.push(line) });
    Object.assign(ground, { host, said, driver: create(host, {}) });
  });
  afterEach(() => {
    for (const one of opened.splice(0)) one.close();
    rmSync(join(ground.host.root, '..'), { recursive: true });
  });
  return ground;
}

export function run(file: string, ...args: string[]): string {
  return execFileSync(file, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** `a` becomes `aaaa...`: an ID of 64 hex digits. */
export function id(digits: string | number): string {
  return String(digits).padStart(2, '0').repeat(64).slice(0, 64);
}

export function network(some: Partial<Network> = {}): Network {
  const rest = { id: id('ab'), name: 'bridge', driver: 'bridge', ipv6: false, internal: false, options: {} };
  return { ...rest, subnets: [], ...some };
}

export function endpoint(containerId: string, { path }: Namespace, some: Partial<Endpoint> = {}): Endpoint {
  const rest = { ifname: 'eth0', aliases: [], addresses: [], ports: [], isGateway: true };
  return { containerId, netns: path, ...rest, ...some };
}

/** Links, addresses, routes and sysctls of the namespace that the tests are in, as lines. */
export function hostState(): string[] {
  const told = [['link'], ['-4', 'addr'], ['-4', 'route'], ['-6', 'route']].flatMap((what) =>
    run('ip', '-o', ...what).split('\n'),
  );
  return [...told.filter(Boolean).map((line) => line.trim()), ...sysctls('/proc/sys/net')].sort();
}

/** That the namespace is as it was, or what is more and what is less. */
export function expectSame(before: string[]): void {
  const now = hostState();
  const without = (all: string[], those: string[]) => all.filter((line) => !those.includes(line));
  expect({ more: without(now, before), less: without(before, now) }).toEqual({ more: [], less: [] });
}

/** Not how full tables are, which are no settings. */
function sysctls(directory: string): string[] {
  return readdirSync(directory).flatMap((name) => {
    const path = join(directory, name);
    const stat = statSync(path);
    if (stat.isDirectory()) return sysctls(path);
    return (stat.mode & 0o200) === 0 || /nf_conntrack/.test(path) ? [] : [`${path}=${value(path)}`];
  });
}

function value(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '(not readable)';
  }
}

/** Resolves when it holds; the kernel takes links of dead namespaces away a moment later. */
export async function eventually(holds: () => boolean): Promise<void> {
  for (const end = Date.now() + 10_000; !holds(); ) {
    if (Date.now() > end) throw new Error(`still not: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
