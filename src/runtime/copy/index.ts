import type { Syscalls } from '../../../native/syscalls.ts';
import { GockerError } from '../../errors.ts';
import { openIdmaps } from '../idmap.ts';
import type { CopyCalls } from '../types.ts';
import { startHelper } from './helper.ts';
import { kindOf } from './look.ts';
import type { ExtractRequest, PackRequest } from './protocol.ts';
import { openRunningFiles, openRunningRoot, openStoppedRoot } from './root.ts';

/** What `cp` needs of the kernel. */
export function copyCalls(syscalls: Syscalls): CopyCalls {
  const namespaces = new Map<number, number>();
  return {
    openRunning: (identity) => openRunningRoot(syscalls, identity),
    openRunningFiles: (identity) => openRunningFiles(syscalls, identity),
    openStopped: async (files) => {
      const mapped = await openIdmaps(files.binds);
      try {
        const { root, namespace } = openStoppedRoot(syscalls, { ...files, binds: mapped.binds });
        namespaces.set(root, namespace);
        return root;
      } finally {
        mapped.close();
      }
    },
    close: (root) => {
      const namespace = namespaces.get(root);
      if (namespaces.delete(root)) syscalls.close(namespace!);
      syscalls.close(root);
    },
    kindOf: (root, look) => kindOf(syscalls, root, look),
    pack: (root, request, to) => pack(root, { kind: 'pack', ...request }, to),
    extract: (root, request, from) => extract(root, { kind: 'extract', ...request }, from),
    transfer,
  };
}

type Place<Request> = { root: number; request: Omit<Request, 'kind'> };

/** From one root into another; resolves to how many bytes of archive went. */
async function transfer(from: Place<PackRequest>, to: Place<ExtractRequest>): Promise<number> {
  const packer = startHelper(from.root, { kind: 'pack', ...from.request });
  const unpacker = startHelper(to.root, { kind: 'extract', ...to.request });
  let bytes = 0;
  packer.child.stdout?.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  // Which of the two failed tells its own end; that the other one's pipe then breaks says nothing more.
  unpacker.child.stdin?.on('error', () => packer.child.kill());
  packer.child.stdout?.pipe(unpacker.child.stdin!);
  const ends = await Promise.allSettled([unpacker.ended, packer.ended]);
  const failure = ends.find((end) => end.status === 'rejected');
  if (failure) throw failure.reason;
  return bytes;
}

async function pack(root: number, request: PackRequest, to: NodeJS.WritableStream): Promise<void> {
  const { child, ended } = startHelper(root, request);
  to.on('error', () => child.kill());
  child.stdout?.pipe(to, { end: false });
  await ended;
}

async function extract(root: number, request: ExtractRequest, from: NodeJS.ReadableStream): Promise<void> {
  const { child, ended } = startHelper(root, request);
  const { stdin } = child;
  if (!stdin) throw new GockerError('COPY_FAILED', 'the copying process has no input');
  stdin.on('error', () => from.unpipe(stdin));
  from.on('error', () => child.kill());
  from.pipe(stdin);
  await ended;
}
