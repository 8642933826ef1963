/** For storage drivers: trees of foreign files, whatever their depth and names. */
export { OPEN_DIRECTORY, removeTree, type TreeVisitor, walkTree } from '../layer/tree.ts';
