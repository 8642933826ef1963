import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { transform } from 'esbuild';

const OWN_URL = '__ownURL';

/**
 * Turns the chunks of a bundle from ES modules into CommonJS: Node loads those without starting its loader of ES modules,
 * which is a quarter of what a command costs before it does anything. esbuild cuts only ES modules into chunks, so it is
 * done afterwards. Imports of packages' and drivers' files stay what they are.
 * @param {string[]} files absolute, `.js`; replaced by the same with `.cjs`
 */
export async function toCommonJS(files) {
  for (const file of files) {
    const source = readFileSync(file, 'utf8').replace(
      /\bimport\("(\.\/[^"]+)\.js"\)/g,
      'Promise.resolve().then(() => require("$1.cjs"))',
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
    writeFileSync(
      file.replace(/\.js$/, '.cjs'),
      code.replace(/\brequire\("(\.\/[^"]+)\.js"\)/g, 'require("$1.cjs")'),
    );
    rmSync(file);
  }
}
