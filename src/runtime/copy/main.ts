/**
 * The helper of `cp`: a process of its own whose root is the tree it works on, so that no link and no race in it leads
 * anywhere else (CVE-2018-15664). All its code is loaded before, nothing of the tree is ever run (CVE-2019-14271).
 */
import * as fs from 'node:fs';
import { posix } from 'node:path';
import { pipeline } from 'node:stream/promises';
import tar from 'tar-fs';
import { createSyscalls } from '../../../native/index.ts';
import { type CopyRequest, type ExtractRequest, type PackRequest, ROOT_FD } from './protocol.ts';

/** Where Linux has no call of that name tar-fs leaves links to whoever made them. */
const FILES = { ...fs, lchmod: (_path: string, _mode: number, done: (error: null) => void) => done(null) };

/** tar-stream's words for a file that is longer or shorter than it was; those of /proc always are. */
const SIZE_CHANGED = 'Size mismatch';

function enterRoot(): void {
  const syscalls = createSyscalls();
  syscalls.fchdir(ROOT_FD);
  syscalls.chroot('.');
  syscalls.chdir('/');
  syscalls.close(ROOT_FD);
  syscalls.umask(0);
}

async function pack({ path, follow, name }: PackRequest): Promise<void> {
  const real = follow ? fs.realpathSync(path) : path;
  const archive: Archive = tar.pack('/', { entries: [], finalize: false });
  const written = pipeline(archive, process.stdout);
  written.catch(() => undefined);
  if (real === '/') {
    // tar-fs takes nothing for a path below `/`, so each goes by itself.
    for (const entry of fs.readdirSync('/')) await packOne(archive, `/${entry}`, posix.join(name, entry));
  } else {
    await packOne(archive, real, name);
  }
  archive.finalize();
  await written;
}

type Archive = ReturnType<typeof tar.pack>;

/** A file or tree under another name; with an empty one a tree's contents. */
function packOne(archive: Archive, path: string, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    archive.once('error', reject);
    const options: tar.PackOptions & { umask: number } = {
      pack: archive,
      finalize: false,
      finish: () => {
        archive.off('error', reject);
        resolve();
      },
      umask: 0,
      strict: false,
      map: (header) => ({
        ...header,
        name: posix.join(name, header.name, header.type === 'directory' ? '/' : ''),
      }),
    };
    tar.pack(path, options);
  });
}

async function extract({ path, keepOwners }: ExtractRequest): Promise<void> {
  const own = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  const options: tar.ExtractOptions & { fs: object; validateSymlinks: boolean; umask: number } = {
    fs: path === '/' ? { ...FILES, realpath: realpathInRoot } : FILES,
    umask: 0,
    strict: false,
    // A link that leads out of the directory is as good as any other: nobody follows it here but in this root.
    validateSymlinks: false,
    map: (header) => (keepOwners ? header : { ...header, ...own }),
  };
  await pipeline(process.stdin, tar.extract(path, options));
}

/** tar-fs takes a path for one below `/` when it begins with `//`. */
function realpathInRoot(path: string, done: (error: unknown, real?: string) => void): void {
  fs.realpath(path, (error, real) => (error ? done(error) : done(null, `/${real}`)));
}

async function main(): Promise<void> {
  const request = JSON.parse(process.argv[2] ?? '') as CopyRequest;
  enterRoot();
  await (request.kind === 'pack' ? pack(request) : extract(request));
}

main().catch((error: unknown) => {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${message === SIZE_CHANGED ? 'a file changed while it was read' : message}\n`);
  process.exitCode = 1;
});
