/** Loads the pack that `scripts/pack.js` makes, chunk by chunk, and compiled code with it: Node need not compile it again. */
import { accessSync, constants, mkdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { Script } from 'node:vm';
import { openParts, type Parts, writeParts } from './parts.ts';

/** The exports of a chunk, which runs when it is asked for the first time. */
export type Pack = (chunk: string) => object;

/** What the text of a chunk is: a CommonJS file as Node wraps it, and what it gets other chunks from. */
type Chunk = (
  exports: object,
  require: NodeRequire,
  module: { exports: object },
  file: string,
  directory: string,
  pack: Pack,
  base: object,
) => void;

const packs = new Map<string, Pack>();

/**
 * The pack of a file, the same one each time.
 *
 * What V8 made of the sources is kept beside it, in `cache/NODE_VERSION-ARCH/`, as Python keeps `__pycache__`: a third of what
 * a command takes beyond Node's own start. Whoever may write there may write the sources too, so nobody new is trusted.
 * Where it cannot be written, or V8 refuses it, things only take longer.
 * @param file absolute
 * @param base what chunks call `__base`: the exports of the file that loads the pack
 */
export function loadPack(file: string, base: object): Pack {
  const known = packs.get(file);
  if (known) return known;
  const compile = compiler(file);
  const require = createRequire(file);
  const loaded = new Map<string, { exports: object }>();
  const pack = (name: string): object => {
    const before = loaded.get(name);
    if (before) return before.exports;
    const module = { exports: {} };
    const chunk = compile(name);
    loaded.set(name, module);
    chunk.call(module.exports, module.exports, require, module, file, dirname(file), pack, base);
    return module.exports;
  };
  packs.set(file, pack);
  return pack;
}

/** What `import()` is to a chunk: code that Node has not loaded itself may not ask Node for modules. */
export function importModule(specifier: string): Promise<unknown> {
  return import(specifier);
}

function compiler(file: string): (name: string) => Chunk {
  const sources = openParts(file);
  const cache = join(dirname(file), 'cache', `${process.version}-${arch()}`, basename(file));
  const forms = compiledForms(cache, sources);
  return (name) => {
    const cachedData = forms?.read(name);
    const script = new Script(sourceOf(sources, name), { filename: join(file, name), cachedData });
    // Made by a Node that has been built otherwise: the next start makes another.
    if (script.cachedDataRejected && !hasFlags()) rmSync(cache, { force: true });
    return script.runInThisContext() as Chunk;
  };
}

/** V8 takes a form only under the flags that it was written under; most starts have none. */
function hasFlags(): boolean {
  return process.execArgv.length > 0 || Boolean(process.env.NODE_OPTIONS);
}

function sourceOf(sources: Parts, name: string): string {
  const source = sources.read(name);
  if (!source) throw new Error(`there is no chunk ${name} in the pack`);
  return source.toString();
}

/** Undefined where they are not there and cannot be made. */
function compiledForms(cache: string, sources: Parts): Parts | undefined {
  try {
    const found = openParts(cache);
    if (found.id === sources.id) return found;
  } catch {
    // Made now.
  }
  if (hasFlags()) return undefined;
  try {
    mkdirSync(dirname(cache), { recursive: true });
    accessSync(dirname(cache), constants.W_OK);
    writeParts(cache, sources.id, compileAll(sources));
    return openParts(cache);
  } catch {
    // Read-only, full, or another user's: the code runs all the same.
    return undefined;
  }
}

/** With every function, called or not: the next command calls others. */
function compileAll(sources: Parts): Map<string, Buffer> {
  // Loading this module takes 2 ms, which only this one start has to spend.
  const { setFlagsFromString } = process.getBuiltinModule('node:v8');
  setFlagsFromString('--no-lazy');
  let scripts: [string, Script][];
  try {
    scripts = sources.names.map((name) => [name, new Script(sourceOf(sources, name))]);
  } finally {
    setFlagsFromString('--lazy');
  }
  return new Map(scripts.map(([name, script]) => [name, script.createCachedData()]));
}
