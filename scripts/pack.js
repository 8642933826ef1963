// Puts the chunks of a bundle into two files, since each file that Node opens costs as much as thirty kilobytes of code.
import { createHash } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { toCommonJS } from './to-commonjs.js';

/**
 * Writes `BASE.cjs`, which Node loads as it is: a function that gives a chunk's exports by its name and has the exports of
 * its entry as properties, among them `loadPack(file, base)` and `importModule(url)` of src/main/load-pack.ts. All other
 * chunks become parts of `PACK.pack` (src/main/parts.ts), of which a command reads the ones it runs. Takes the chunks away.
 * @param {object} bundle
 * @param {string} bundle.directory where the chunks are and the two files go
 * @param {Record<string, {imports: {path: string, kind: string, external?: boolean}[], entryPoint?: string}>} bundle.chunks esbuild's metafile.outputs
 * @param {object} names
 * @param {string} names.base the entry whose chunk, with all that it imports, is the first file
 * @param {string} names.pack the name of the second file
 */
export async function pack({ directory, chunks }, { base, pack: rest }) {
  const names = Object.keys(chunks).filter((file) => file.endsWith('.js'));
  const inBase = closure(chunks, [join('dist', `${base}.js`)]);
  const code = new Map();
  for (const file of names) {
    code.set(file, await toCommonJS(join(directory, basename(file))));
    rmSync(join(directory, basename(file)));
  }
  const link = linker({ inBase, rest });
  const parts = names
    .filter((file) => !inBase.has(file))
    .map((file) => [key(file), link(file, code.get(file))]);
  writeFileSync(join(directory, `${base}.cjs`), baseText([...inBase], { link, code, base }));
  writeFileSync(join(directory, `${rest}.pack`), packText(parts));
}

/** These chunks and what they import at once. */
function closure(chunks, files, seen = new Set()) {
  for (const file of files) {
    if (seen.has(file)) continue;
    seen.add(file);
    const atOnce = chunks[file].imports.filter(
      ({ kind, external }) => kind !== 'dynamic-import' && !external,
    );
    closure(
      chunks,
      atOnce.map(({ path }) => path),
      seen,
    );
  }
  return seen;
}

/** What a plugin of the bundle leaves to be asked for by the name of an entry: `require("chunk:ENTRY")`. */
const CHUNK_OF_ENTRY = /\(0,\(?import_\w+(?:\(\)\))?\.__require\)\("chunk:([\w.]+)"\)/g;

/** The code of a chunk with its requests for others answered by the file that holds them. */
function linker({ inBase, rest }) {
  const isInBase = (name) => inBase.has(join('dist', name));
  return (file, text) => {
    const own = inBase.has(file);
    const linked = text.replace(/\brequire\("\.\/([^"]+\.js)"\)/g, (_, other) => {
      if (isInBase(other) === own) return `__chunk(${JSON.stringify(key(other))})`;
      const holder = own ? `__chunk.loadPack(__dirname+"/${rest}.pack",__chunk)` : '__base';
      return `${holder}(${JSON.stringify(key(other))})`;
    });
    const lazy = linked.replace(CHUNK_OF_ENTRY, (_, entry) => `__chunk(${JSON.stringify(entry)}).default`);
    return own ? lazy : lazy.replace(/(?<![\w$."'`])import\(/g, '__base.importModule(');
  };
}

/**
 * In parentheses a function is compiled at once, and not parsed a first time to find where it ends. Names with underlines,
 * since the chunks have names of their own.
 */
function baseText(files, { link, code, base }) {
  const modules = files.map(
    (file) => `${JSON.stringify(key(file))}:(function(module,exports){${link(file, code.get(file))}\n})`,
  );
  return [
    '"use strict";',
    `const __chunks={${modules.join(',\n')}},__loaded={};`,
    'function __chunk(name){',
    'let module=__loaded[name];',
    'if(!module){module=__loaded[name]={exports:{}};__chunks[name](module,module.exports)}',
    'return module.exports}',
    'module.exports=__chunk;',
    `Object.defineProperties(__chunk,Object.getOwnPropertyDescriptors(__chunk("${base}")));`,
  ].join('\n');
}

const WRAPPED = '(function(exports,require,module,__filename,__dirname,__chunk,__base){"use strict";';

/** The format of src/main/parts.ts; a part is what `Chunk` of src/main/load-pack.ts says. */
function packText(parts) {
  const wrapped = parts.map(([name, text]) => [name, `${WRAPPED}${text}\n})`]);
  const content = wrapped.map(([, text]) => text).join('');
  const id = createHash('sha256').update(content).digest('hex');
  return `${JSON.stringify({ id, parts: wrapped.map(([name, text]) => [name, Buffer.byteLength(text)]) })}\n${content}`;
}

const key = (file) => basename(file, '.js');
