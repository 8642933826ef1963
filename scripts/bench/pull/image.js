// The image that is pulled: six layers of Debian packages, some with few big files, some with very many small ones.
// 360 MB packed, 930 MB unpacked. Made once and kept in the cache.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { arch, homedir } from 'node:os';
import { join } from 'node:path';
import { archive } from '../../image/busybox.js';
import { addImage, tag } from '../../image/layout.js';
import { layoutOnce } from '../../image/once.js';

/** Goes up when what is made below changes. */
const VERSION = 1;
const RELEASE = 'bookworm';

/** The layers on top of a minimal Debian. */
const LAYERS = [
  ['cpp-12', 'gcc-12', 'g++-12', 'libgcc-12-dev', 'libstdc++-12-dev', 'libc6-dev', 'git'],
  ['libboost1.74-dev'],
  ['libpython3.11-stdlib', 'python3-numpy', 'python3-scipy', 'python3-django', 'python3-sympy', 'libicu72'],
  ['jruby', 'scala', 'openjdk-17-source'],
  ['libllvm14'],
];

const quiet = { stdio: 'pipe' };

/** The archive of some packages' files, unpacked into a directory of their own. */
function packagesLayer(packages, directory, name) {
  const [downloads, root] = [join(directory, `${name}-packages`), join(directory, name)];
  for (const made of [downloads, root]) mkdirSync(made);
  const options = ['-q', '-o', 'APT::Sandbox::User=root'];
  execFileSync('apt-get', [...options, 'download', ...packages], { ...quiet, cwd: downloads });
  for (const file of readdirSync(downloads)) {
    execFileSync('dpkg-deb', ['-x', join(downloads, file), root], quiet);
  }
  return archive(root, join(directory, `${name}.tar`), ['--xattrs']);
}

function make(directory) {
  const base = join(directory, 'base.tar');
  execFileSync('mmdebstrap', ['--quiet', '--variant=minbase', RELEASE, base], quiet);
  const above = LAYERS.map((packages, at) => packagesLayer(packages, directory, `layer-${at}`));
  const platform = { os: 'linux', architecture: arch() === 'x64' ? 'amd64' : arch() };
  const layout = join(directory, 'layout');
  tag(layout, 'bench', addImage(layout, { layers: [base, ...above], platform, level: 6 }));
}

/** A directory for what is worth keeping between two runs. */
function cacheDirectory() {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'gocker-bench');
}

/** The layout's directory, for `skopeo copy oci:DIRECTORY:bench`. */
export function benchLayout() {
  return layoutOnce(cacheDirectory(), `packages-${RELEASE}-${VERSION}`, (directory) => {
    console.error('making the image, once: some minutes');
    make(directory);
  });
}
