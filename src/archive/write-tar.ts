import { END_OF_ARCHIVE, paddingOf, writeHeader } from '../layer/tar/write.ts';
import type { Store } from '../store/layout.ts';
import { blobBytes } from './blob-bytes.ts';
import type { LayoutFile } from './contents.ts';

const FOLDERS = ['blobs/', 'blobs/sha256/'];

/** A layout as a tar archive. It says nothing of when and by whom it was made: the same layout gives the same bytes. */
export async function* tarOf(store: Store, layout: readonly LayoutFile[]): AsyncGenerator<Buffer> {
  for (const name of FOLDERS) yield headerOf(name, 0);
  for (const file of layout) {
    const size = 'blob' in file ? file.blob.size : file.bytes.length;
    yield headerOf(file.name, size);
    if ('blob' in file) yield* blobBytes(store, file.blob);
    else yield file.bytes;
    yield paddingOf(size);
  }
  yield END_OF_ARCHIVE;
}

function headerOf(name: string, size: number): Buffer {
  const isFolder = name.endsWith('/');
  return writeHeader({
    name,
    type: isFolder ? 'directory' : 'file',
    mode: isFolder ? 0o755 : 0o644,
    uid: 0,
    gid: 0,
    size,
    mtimeNs: 0n,
    linkname: '',
    device: { major: 0, minor: 0 },
    xattrs: new Map(),
  });
}
