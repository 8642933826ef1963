/** Runs once before all integration tests: builds, starts a registry, fills it, and takes everything away again. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { pushImages } from './ground/images.ts';
import { takeTurn } from './ground/lock.ts';
import { startRegistry } from './ground/registry.ts';

/** What every integration test may ask for, by `ground()` of helpers.ts. */
export interface Ground {
  /** `127.0.0.1:PORT` of a registry that holds the images of ground/images.ts. */
  registry: string;
  /** The registry's own directory. */
  storage: string;
  /** Why these tests cannot run here; they are skipped then. */
  reason: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    ground: Ground;
  }
}

const root = join(import.meta.dirname, '../..');
const TOOLS = {
  'docker-registry': 'docker-registry',
  skopeo: 'skopeo',
  tmux: 'tmux',
  zstd: 'zstd',
  mmdebstrap: 'mmdebstrap',
  'mkfs.btrfs': 'btrfs-progs',
  setcap: 'libcap2-bin',
  setfattr: 'attr',
  strace: 'strace',
  umoci: 'umoci',
  ip: 'iproute2',
  iptables: 'iptables',
  nft: 'nftables',
  sysctl: 'procps',
  busybox: 'busybox-static',
};

/** The newest change below the sources, in ms since the epoch. */
function newest(path: string): number {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}

function buildIfStale(): void {
  const sources = ['bin', 'src', 'native', 'drivers', 'scripts/build.js', 'package.json'];
  const changed = Math.max(...sources.map((name) => newest(join(root, name))));
  const built = join(root, 'dist/cli.cjs');
  if (existsSync(built) && statSync(built).mtimeMs >= changed) return;
  execFileSync('node', ['scripts/build.js'], { cwd: root, stdio: 'inherit' });
}

function cacheDirectory(): string {
  const own = process.env.GOCKER_TEST_CACHE;
  return own ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'gocker-test');
}

function requireTools(): void {
  const path = (process.env.PATH ?? '').split(':');
  const missing = Object.entries(TOOLS).filter(
    ([tool]) => !path.some((place) => existsSync(join(place, tool))),
  );
  if (missing.length === 0) return;
  throw new Error(
    `install what the integration tests need: apt-get install ${missing.map(([, name]) => name).join(' ')}`,
  );
}

/** What others leave in /tmp meanwhile is no leak of ours; test files and all their processes inherit TMPDIR. */
function ownTemporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'gocker-integration-'));
  process.env.TMPDIR = directory;
  return directory;
}

export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  if (process.getuid?.() !== 0) {
    const reason = 'integration tests need root: they make namespaces, mounts and cgroups';
    console.log(`skipped: ${reason}`);
    project.provide('ground', { registry: '', storage: '', reason });
    return undefined;
  }
  requireTools();
  buildIfStale();
  const endTurn = await takeTurn();
  const temporary = ownTemporaryDirectory();
  const registry = await startRegistry();
  const stop = async () => {
    await registry.stop();
    rmSync(temporary, { recursive: true });
    await endTurn();
  };
  try {
    pushImages(registry.host, cacheDirectory());
  } catch (error) {
    await stop();
    throw error;
  }
  project.provide('ground', { registry: registry.host, storage: registry.storage, reason: '' });
  return stop;
}
