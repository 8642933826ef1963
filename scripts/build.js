// Bundles what ships into dist/: `node scripts/build.js [--types] [--meta]`.
// --types adds the declarations (dist/types), --meta writes dist/meta.json for esbuild's bundle analyser.
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import {
  globalProcess,
  koffiBinary,
  lazyCore,
  lazyPackages,
  noWindows,
  plainMatch,
  seldomBundle,
} from './bundle-plugins.js';
import { pack } from './pack.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const options = new Set(process.argv.slice(2));

/** What stays a package of its own: oclif loads its plugins by name; core asks for typescript in development only. */
const EXTERNAL = ['@oclif/plugin-*', '@koromix/*', 'typescript', './seldom.cjs'];

/** Entries that may share chunks: classes such as GockerError must be the same object everywhere in one process. */
const SHARED = {
  cli: 'src/main/start.ts',
  commands: 'src/main/dispatch.ts',
  oclif: 'src/main/oclif.ts',
  'oclif.config': 'node_modules/@oclif/core/lib/config/index.js',
  'oclif.help': 'node_modules/@oclif/core/lib/help/index.js',
};

/** A command loads the first file, and what it runs of the second. */
const PACK = { base: 'cli', pack: 'commands' };

/** Entries for other programs, and what is loaded by the name of a file: one file each. */
const APART = {
  index: 'src/index.ts',
  driver: 'src/driver/index.ts',
  'driver-testing': 'src/driver/testing/index.ts',
};

/** Entries that are one file each: a worker thread and init load them alone and must never read a file later. */
const ALONE = {
  'unpack-worker': 'src/layer/worker.ts',
  init: 'src/runtime/init/main.ts',
  monitor: 'src/monitor/main.ts',
  copy: 'src/runtime/copy/main.ts',
  ...driverEntries(),
};

/** gocker's own drivers, found where everybody's are: in package.json's `gocker.drivers`. */
function driverEntries() {
  const { gocker } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const targets = Object.values(gocker.drivers).flatMap(Object.values);
  const names = targets.map((target) => target.replace(/^\.\/dist\/(.*)\.cjs$/, '$1'));
  return Object.fromEntries(names.map((name) => [name, `${name}.ts`]));
}

/** CommonJS packages inside an ES module ask for `require` and their own place. */
const BANNER = [
  "import { createRequire as __createRequire } from 'node:module';",
  "import { fileURLToPath as __fileURLToPath } from 'node:url';",
  'const require = __createRequire(import.meta.url);',
  'const __filename = __fileURLToPath(import.meta.url);',
  "const __dirname = __fileURLToPath(new URL('.', import.meta.url));",
].join('');

const COMMON = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  external: EXTERNAL,
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'linked',
  logLevel: 'warning',
};

/** CommonJS where nothing else imports it: Node starts that 20 ms sooner than an ES module. */
const FORMATS = {
  chunks: { format: 'esm' },
  esm: { format: 'esm', banner: { js: BANNER } },
  cjs: {
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    define: { 'import.meta.url': '__ownURL' },
    banner: { js: "const __ownURL=require('node:url').pathToFileURL(__filename).href;" },
  },
};

async function bundle(entryPoints, { splitting = false, format = FORMATS.esm } = {}) {
  const { metafile } = await build({
    ...COMMON,
    ...format,
    entryPoints,
    outdir: 'dist',
    splitting,
    plugins: [koffiBinary, lazyCore, lazyPackages, globalProcess, noWindows, plainMatch],
    metafile: true,
  });
  return metafile.outputs;
}

rmSync(join(root, 'dist'), { recursive: true, force: true });
await build({ ...COMMON, stdin: seldomBundle, format: 'cjs', outfile: 'dist/seldom.cjs' });
const outputs = [await bundle(SHARED, { splitting: true, format: FORMATS.chunks })];
await pack({ directory: join(root, 'dist'), chunks: outputs[0] }, PACK);
for (const entry of Object.entries(APART)) outputs.push(await bundle(Object.fromEntries([entry])));
for (const entry of Object.entries(ALONE)) {
  const result = await bundle(Object.fromEntries([entry]), { format: FORMATS.cjs });
  refuseLazyImports(entry[0], result);
  outputs.push(result);
}

/** After init has left the host's root a lazy import would run a file of the image. */
function refuseLazyImports(name, result) {
  for (const [file, { imports }] of Object.entries(result)) {
    const lazy = imports.filter(({ kind }) => kind === 'dynamic-import');
    if (lazy.length > 0) throw new Error(`${file} (${name}) imports ${lazy.map(({ path }) => path)} lazily`);
  }
}

/** These take longer to load than all the rest of a command: whoever uses them imports them where they are used. */
const HEAVY = /node_modules\/(got|listr2|ora|tar-fs)\//;

/** What a command that touches neither network nor terminal loads: the entry, and what that imports at its top. */
function refuseHeavyStart(result, entry) {
  const seen = new Set();
  const visit = (file) => {
    if (seen.has(file)) return;
    seen.add(file);
    const heavy = Object.keys(result[file].inputs).find((input) => HEAVY.test(input));
    if (heavy) throw new Error(`${entry} loads ${heavy} at every start: import it lazily`);
    const loaded = result[file].imports.filter(
      ({ kind, external }) => kind !== 'dynamic-import' && !external,
    );
    for (const { path } of loaded) visit(path);
  };
  for (const [file, { entryPoint }] of Object.entries(result)) if (entryPoint === entry) visit(file);
}

for (const entry of ['src/main/start.ts', 'src/main/dispatch.ts']) {
  refuseHeavyStart(outputs[0], entry);
}
if (options.has('--meta')) writeFileSync(join(root, 'dist/meta.json'), JSON.stringify(outputs));
if (options.has('--types')) {
  execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: 'inherit',
  });
}
for (const [file, { bytes, entryPoint }] of outputs.flatMap(Object.entries)) {
  if (entryPoint) console.log(`${relative('.', file)} ${Math.ceil(bytes / 1024)} KiB`);
}
