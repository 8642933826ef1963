// Files that are made from others and committed: written, or with --check compared.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

function read(file) {
  const path = join(root, file);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

/** Files below `directory` that nothing made: what a removed command left behind. */
function strays(directory, files) {
  if (directory === undefined || !existsSync(join(root, directory))) return [];
  return readdirSync(join(root, directory))
    .map((name) => join(directory, name))
    .filter((file) => !files.some((made) => made.file === file));
}

function write(files, gone) {
  for (const file of gone) rmSync(join(root, file));
  for (const { file, text } of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
}

/**
 * Writes `files` ({file, text}, paths relative to the project) or, with --check among the arguments, names those that
 * differ and sets exit code 1. With `directory`, everything else in that directory is stale too.
 */
export function keepFresh(files, command, directory) {
  const gone = strays(directory, files);
  if (!process.argv.includes('--check')) return write(files, gone);
  const changed = files.filter(({ file, text }) => read(file) !== text).map(({ file }) => file);
  for (const file of [...changed, ...gone]) console.error(`${file} is stale: run \`${command}\``);
  if (changed.length + gone.length > 0) process.exitCode = 1;
}
