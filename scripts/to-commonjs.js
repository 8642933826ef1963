import { readFileSync } from 'node:fs';
import { transform } from 'esbuild';

const OWN_URL = '__ownURL';

/**
 * Turns a chunk of a bundle from an ES module into CommonJS: Node loads that without starting its loader of ES modules,
 * which is a quarter of what a command costs before it does anything. esbuild cuts only ES modules into chunks, so it is
 * done afterwards. Imports of packages' and drivers' files stay what they are.
 * @param {string} file absolute
 * @returns {Promise<string>} the code; it asks for other chunks by `require("./NAME.js")`
 */
export async function toCommonJS(file) {
  const source = readFileSync(file, 'utf8').replace(
    /\bimport\("(\.\/[^"]+\.js)"\)/g,
    'Promise.resolve().then(() => require("$1"))',
  );
  const usesURL = source.includes('import.meta.url');
  const { code } = await transform(source, {
    format: 'cjs',
    platform: 'node',
    target: 'node20.19',
    minifyWhitespace: true,
    define: { 'import.meta.url': OWN_URL },
    banner: usesURL ? `const ${OWN_URL}=require("node:url").pathToFileURL(__filename).href;` : '',
  });
  return lazily(code);
}

const TOP_REQUIRE =
  /\bvar (import_\w+)=((?:__toESM\()?require\("(?:node:[^"]+|\.\/[^"]+\.js)"\)(?:,1)?\)?);/g;

/**
 * A chunk and a module of Node's that an import names are loaded when they are first used: modules of gocker do nothing but
 * declare when they are loaded, so that nobody sees the difference but the clock.
 */
function lazily(code) {
  const names = [...code.matchAll(TOP_REQUIRE)].map(([, name]) => name);
  if (names.length === 0) return code;
  const declared = code.replace(TOP_REQUIRE, 'var $1=__once(()=>$2);');
  const uses = new RegExp(`(?<!var )\\b(${names.join('|')})\\b`, 'g');
  return `const __once=(get)=>{let value;return()=>(value??=get())};${declared.replace(uses, '($1())')}`;
}
