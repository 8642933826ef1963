// Puts the chunks of a bundle into few files, since each file that Node opens costs as much as thirty kilobytes of code.
import { rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { toCommonJS } from './to-commonjs.js';

/**
 * Writes one CommonJS file a pack and takes the chunks away. A pack exports a function that gives a chunk's exports by
 * its name, and has the exports of its first entry as properties. The first pack's first entry exports `loadPack(file)`
 * and `importModule(url)`, by which packs load each other and what is not of the bundle (src/main/load-pack.ts). No chunk is in two packs, so none is loaded twice.
 * @param {object} bundle
 * @param {string} bundle.directory where the chunks are and the packs go
 * @param {Record<string, {imports: {path: string, kind: string, external?: boolean}[], entryPoint?: string}>} bundle.chunks esbuild's metafile.outputs
 * @param {Record<string, string[]>} packs the sources (`src/main/start.ts`) whose chunks begin a pack, by the pack's name
 */
export async function pack({ directory, chunks }, packs) {
  const names = Object.keys(chunks).filter((file) => file.endsWith('.js'));
  const place = assign(chunks, names, packs);
  const code = new Map();
  for (const file of names) {
    code.set(file, await toCommonJS(join(directory, basename(file))));
    rmSync(join(directory, basename(file)));
  }
  for (const name of new Set(place.values())) {
    const own = names.filter((file) => place.get(file) === name);
    writeFileSync(
      join(directory, `${name}.cjs`),
      packText(own, { name, place, code, base: Object.keys(packs)[0] }),
    );
  }
}

/** The pack of each chunk: the first of those whose entries load it at once, or one of its own. */
function assign(chunks, names, packs) {
  const place = new Map();
  const claim = (file, name) => {
    if (place.has(file)) return;
    place.set(file, name);
    for (const { path, kind, external } of chunks[file].imports) {
      if (kind !== 'dynamic-import' && !external) claim(path, name);
    }
  };
  for (const [name, entries] of Object.entries(packs)) {
    for (const entry of entries) claim(chunkOf(chunks, entry), name);
  }
  for (const file of names) {
    if (chunks[file].entryPoint) claim(file, basename(file, '.js'));
  }
  return place;
}

function chunkOf(chunks, entry) {
  const found = Object.keys(chunks).find((file) => chunks[file].entryPoint?.endsWith(entry));
  if (!found) throw new Error(`${entry} begins no chunk: is it imported lazily anywhere?`);
  return found;
}

/**
 * In parentheses a function is compiled at once, and not parsed a first time to find where it ends. Names with underlines,
 * since the chunks have names of their own.
 */
function packText(own, { name, place, code, base }) {
  const isBase = name === base;
  const modules = own.map((file) => `${key(file)}:(function(module,exports){${inPack(file)}\n})`);
  const [first] = own.filter((file) => basename(file, '.js') === name);
  return [
    '"use strict";',
    isBase ? '' : `const __base=require("./${base}.cjs");`,
    `const __chunks={${modules.join(',\n')}},__loaded={};`,
    'function __chunk(name){',
    'let module=__loaded[name];',
    'if(!module){module=__loaded[name]={exports:{}};__chunks[name](module,module.exports)}',
    'return module.exports}',
    'module.exports=__chunk;',
    first ? `Object.defineProperties(__chunk,Object.getOwnPropertyDescriptors(__chunk(${key(first)})));` : '',
  ].join('\n');

  function inPack(file) {
    const linked = code.get(file).replace(/\brequire\("\.\/([^"]+\.js)"\)/g, (_, other) => {
      const path = [...place.keys()].find((one) => basename(one) === other);
      return place.get(path) === name
        ? `__chunk(${key(path)})`
        : `${fromPack(place.get(path))}(${key(path)})`;
    });
    return isBase ? linked : linked.replace(/(?<![\w$."'`])import\(/g, '__base.importModule(');
  }

  function fromPack(other) {
    if (isBase) return `__chunk.loadPack(__dirname+"/${other}.cjs")`;
    return other === base ? '__base' : `__base.loadPack(__dirname+"/${other}.cjs")`;
  }
}

const key = (file) => JSON.stringify(basename(file, '.js'));
