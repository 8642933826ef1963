// esbuild plugins that take time out of every start; scripts/build.js says where they are used.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);

/** True for an import that a file of @oclif/core makes. */
const fromCore = ({ importer }) => importer.includes('/@oclif/core/lib/');

/** Answers imports that match `filter` with the text that `contents(path)` gives. */
function virtual(name, filter, { contents, only = () => true }) {
  return {
    name,
    setup({ onResolve, onLoad }) {
      onResolve({ filter }, (request) =>
        only(request) ? { path: request.path, namespace: name } : undefined,
      );
      onLoad({ filter: /.*/, namespace: name }, ({ path }) => ({
        contents: contents(path),
        resolveDir: root,
      }));
    },
  };
}

/** That choice reads node's own ELF header, and in init the path of the sealed node leads nowhere. */
const REAL_NODE = "if (!require('fs').existsSync(process.execPath)) process.execPath = '/proc/self/exe';";

/**
 * koffi's loader looks for its binary in twenty places and takes 17 ms; the package that holds the binary chooses
 * between glibc and musl by itself and takes 4.
 */
export const koffiBinary = virtual('koffi-binary', /^koffi$/, {
  contents: () => [REAL_NODE, "module.exports = require('@koromix/koffi-linux-' + process.arch);"].join('\n'),
});

/** What @oclif/core requires at its top and most commands never call. */
const SELDOM = [
  'cli-spinners',
  'ejs',
  'lilconfig',

  'tinyglobby',
  'widest-line',
  'wordwrap',
  'wrap-ansi',
];

/** The bundle of those, a quarter of what core weighs: read when the first of them is called. */
export const seldomBundle = {
  contents: SELDOM.map((name) => `exports['${name}'] = require('${name}');`).join('\n'),
  resolveDir: root,
};

/** Stand-ins that load `seldom.cjs` (next to the bundle) when used; `__esModule` is asked for at once by core. */
export const lazyPackages = virtual('lazy-package', new RegExp(`^(${SELDOM.join('|')})$`), {
  only: fromCore,
  contents: (path) => `
    const load = () => require('./seldom.cjs')['${path}'];
    module.exports = new Proxy(function () {}, {
      get: (_, key) => (key === '__esModule' ? ${Boolean(require(path).__esModule)} : load()[key]),
      apply: (_, self, args) => Reflect.apply(load(), self, args),
    });`,
});

/** Importing `node:process` makes Node read every getter of `process`, stdin's too: 5 ms. The global is the same object. */
export const globalProcess = virtual('global-process', /^(node:)?process$/, {
  contents: () =>
    'export default process; export const { argv, cwd, env, execArgv, execPath, pid, platform } = process;',
});

/** @oclif/core imports this at every start to learn whether it runs in Windows' Linux: for gocker Linux is Linux. */
export const noWindows = virtual('no-windows', /^wsl-utils$/, {
  contents: () => 'export const isWsl = false;',
});

/** core matches our own plugins' names, which hold no wildcard, with minimatch at every start. */
export const plainMatch = virtual('plain-match', /^minimatch$/, {
  only: fromCore,
  contents: () => 'exports.minimatch = (name, pattern) => name === pattern;',
});

const TOP_REQUIRE = /^(?:const|var) (\w+_\d+) = (.*\brequire\("[^"]+"\).*);$/gm;

/**
 * Files of @oclif/core require at their top what few commands call: configuration, help, colours, `debug`, `node:readline`.
 * Here each such variable becomes a function that requires at its first use, which node and esbuild remember: 15 ms less.
 * Configuration and help are most of core: what a command is made of finds them in chunks of their own.
 */
export const lazyCore = {
  name: 'lazy-core',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^(\.\/config|\.\/help|\.\.\/help\/index)$/ }, ({ path, importer }) =>
      /@oclif\/core\/lib\/(command|flags|errors\/handle)\.js$/.test(importer)
        ? { path: `chunk:oclif.${/config|help/.exec(path)[0]}`, external: true }
        : undefined,
    );
    onLoad({ filter: /\/@oclif\/core\/lib\/.*\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const names = [...text.matchAll(TOP_REQUIRE)].map(([, name]) => name);
      const declared = text.replace(TOP_REQUIRE, 'const $1 = () => $2;');
      const uses = new RegExp(`(?<!const )\\b(${names.join('|')})\\b`, 'g');
      return { contents: names.length > 0 ? declared.replace(uses, '($1())') : text };
    });
  },
};
