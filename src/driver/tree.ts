/** For storage drivers: trees of foreign files, whatever their depth and names. */
export { compareTrees, type Difference } from '../layer/compare.ts';
export { copyRootLooks } from '../layer/copy/looks.ts';
export { copyTree } from '../layer/copy/tree.ts';
export { createDiskMeter } from '../layer/disk.ts';
export { OPEN_DIRECTORY, removeTree, type TreeVisitor, walkTree } from '../layer/tree.ts';
