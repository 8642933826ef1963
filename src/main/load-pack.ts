/** Loads the packs that `scripts/pack.js` makes, compiled code and all, so that Node need not compile them at every start. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { Script } from 'node:vm';

/** What a CommonJS file is given by Node, in Node's order. */
type Wrapped = (
  exports: object,
  require: NodeRequire,
  module: object,
  file: string,
  directory: string,
) => void;

/**
 * The exports of a CommonJS file, as `require(file)` gives them; afterwards that gives the same object.
 *
 * What V8 made of the source is kept beside it, in `cache/NODE_VERSION-ARCH/`, as Python keeps `__pycache__`: 20 ms of the
 * 60 that a command takes beyond Node's own start. Whoever may write there may write the source too, so nobody new is
 * trusted. Where it cannot be written, or V8 refuses it, things only take longer.
 * @param file absolute
 */
export function loadPack(file: string): unknown {
  const require = createRequire(file);
  const known = require.cache[file];
  if (known) return known.exports;
  const module = { id: file, filename: file, loaded: true, exports: {}, children: [], paths: [] };
  const load = compiled(file);
  require.cache[file] = module as unknown as NodeModule;
  load.call(module.exports, module.exports, require, module, file, dirname(file));
  return module.exports;
}

/** What `import()` is to a pack: code that Node has not loaded itself may not ask Node for modules. */
export function importModule(specifier: string): Promise<unknown> {
  return import(specifier);
}

function compiled(file: string): Wrapped {
  const source = `(function(exports,require,module,__filename,__dirname){${readFileSync(file, 'utf8')}\n})`;
  const cache = join(dirname(file), 'cache', `${process.version}-${arch()}`, basename(file));
  const cachedData = readIfThere(cache);
  const script = cachedData ? compile(source, file, cachedData) : compileWhole(source, file);
  if (!cachedData) keep(cache, script.createCachedData());
  return script.runInThisContext() as Wrapped;
}

function compile(source: string, filename: string, cachedData?: Buffer): Script {
  return new Script(source, { filename, cachedData });
}

/** With every function, called or not: the next command calls others. */
function compileWhole(source: string, file: string): Script {
  // Loading this module takes 2 ms, which only this one start has to spend.
  const { setFlagsFromString } = process.getBuiltinModule('node:v8');
  setFlagsFromString('--no-lazy');
  try {
    return compile(source, file);
  } finally {
    setFlagsFromString('--lazy');
  }
}

function readIfThere(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

/** A file that is there is whole, whoever else writes the same one now. */
function keep(file: string, data: Buffer): void {
  const temporary = `${file}.${process.pid}`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(temporary, data);
    renameSync(temporary, file);
  } catch {
    // Read-only, full, or another user's: the code runs all the same.
  }
}
