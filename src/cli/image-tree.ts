import type { ImageTree, TreeLayer } from '../engine.ts';
import { shortOf } from '../image/digest.ts';
import { formatSize } from './format.ts';

/** An image and its layers, bottom first, much as podman draws them. */
export function imageTreeText({ id, tags, size, uniqueSize, layers }: ImageTree): string {
  const width = Math.max(0, ...layers.map((layer) => formatSize(layer.size).length));
  const lines = layers.map((layer, at) => layerLine(layer, { isLast: at === layers.length - 1, width }));
  const head = [
    `Image ID: ${shortOf(id)}`,
    `Tags:     [${tags.join(' ')}]`,
    `Size:     ${formatSize(size)} (${formatSize(uniqueSize)} of it shared with no other image)`,
    'Image Layers',
  ];
  return [...head, ...lines].map((line) => `${line}\n`).join('');
}

function layerLine(
  { diffID, size, topOf, sharedWith }: TreeLayer,
  { isLast, width }: { isLast: boolean; width: number },
): string {
  const top = topOf.length > 0 ? ` Top Layer of: [${topOf.join(' ')}]` : '';
  const shared = sharedWith.length > 0 ? ` Shared with: [${sharedWith.join(' ')}]` : '';
  return `${isLast ? '└──' : '├──'} ID: ${shortOf(diffID)} Size: ${formatSize(size).padStart(width)}${top}${shared}`;
}

/** The same with typed values, for `--json`. */
export function imageTreeRecord({ id, tags, size, uniqueSize, layers }: ImageTree) {
  return {
    ID: id,
    Tags: tags,
    Size: size,
    UniqueSize: uniqueSize,
    Layers: layers.map((layer) => ({
      Digest: layer.digest,
      DiffID: layer.diffID,
      ChainID: layer.chainID,
      Size: layer.size,
      TopOf: layer.topOf,
      SharedWith: layer.sharedWith,
    })),
  };
}
