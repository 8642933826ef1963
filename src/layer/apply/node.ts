import { S } from '../../../native/constants.ts';
import { type ByteString, basename, dirname, toPath } from '../bytes.ts';
import { InvalidLayerError } from '../error.ts';
import type { TarEntry } from '../tar/entry.ts';
import type { Applying } from './context.ts';
import { createOver } from './existing.ts';
import { setMetadataAt } from './metadata.ts';

const KIND = { character: S.IFCHR, block: S.IFBLK, fifo: S.IFIFO } as const;

/** A fifo or a device node. */
export function applyNode(
  applying: Applying,
  path: ByteString,
  entry: TarEntry & { type: keyof typeof KIND },
): void {
  if (entry.type !== 'fifo') {
    if (!applying.policy.plain) refuseWhiteoutDevice(entry);
    if (applying.policy.devices === 'skip') return;
  }
  const place = createOver(applying, dirname(path), basename(path), (found) => {
    applying.syscalls.mknodat(found.parent, toPath(found.name), KIND[entry.type] | 0o600, entry.device);
    return found;
  });
  applying.own?.remember(place.parent, toPath(place.name));
  setMetadataAt(applying, place, entry);
}

/** overlayfs reads a character device 0:0 as "deleted" (kernel doc overlayfs.rst, "whiteouts and opaque directories"). */
function refuseWhiteoutDevice({ type, device }: TarEntry): void {
  if (type !== 'character' || device.major !== 0 || device.minor !== 0) return;
  throw new InvalidLayerError('a character device 0:0, which overlayfs takes for a deleted file');
}
