// What containers could leave behind on this machine. Tests compare two snapshots; by hand:
// `node scripts/leaks.js save FILE`, later `node scripts/leaks.js compare FILE` (exit code 1 and a list when more is there).
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** An empty text for what has gone since its name was listed, as everything in /proc may. */
function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

const list = (directory) => (existsSync(directory) ? readdirSync(directory) : []);

/** Mount point, type and source of every mount (proc_pid_mountinfo(5)). */
function mounts(pid) {
  return read(`/proc/${pid}/mountinfo`)
    .trim()
    .split('\n')
    .map((line) => {
      const [before = '', after = ''] = line.split(' - ');
      return `${before.split(' ')[4]} ${after.split(' ').slice(0, 2).join(' ')}`;
    });
}

/** The directories in a directory; none when that has gone since it was listed. */
function directories(directory) {
  try {
    return readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}

/** All directories below `directory`, itself not. */
function below(directory) {
  return directories(directory).flatMap(({ name }) => [
    join(directory, name),
    ...below(join(directory, name)),
  ]);
}

/** Every directory below one named `gocker`, in each cgroup hierarchy. */
function cgroups() {
  const points = read('/proc/self/mounts')
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, , type]) => type?.startsWith('cgroup'))
    .map(([, point]) => point);
  return points.flatMap(below).filter((path) => path.includes('/gocker/'));
}

/** Processes of this checkout and processes in a container's cgroup; threads of the asking process excepted. */
function processes() {
  return list('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      const command = read(`/proc/${pid}/cmdline`);
      const ours = command.includes(join(root, 'bin/run.js')) || command.includes(join(root, 'dist/'));
      return ours || read(`/proc/${pid}/cgroup`).includes('/gocker/');
    })
    .map((pid) => `${pid} ${read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim()}`);
}

function rules() {
  const { stdout, status } = spawnSync('nft', ['list', 'ruleset'], { encoding: 'utf8' });
  return status === 0 ? stdout.split('\n').filter(Boolean) : [];
}

/** Places where gocker keeps things when nothing says otherwise, and the temporary directories of its tests. */
function files() {
  const homes = ['.local/share/gocker', '.cache/gocker', '.config/gocker'].map((name) =>
    join(homedir(), name),
  );
  const roots = ['/var/lib/gocker', '/run/gocker', ...homes].flatMap((place) =>
    list(place).map((name) => join(place, name)),
  );
  const temporary = list(tmpdir()).filter((name) => name.startsWith('gocker-'));
  return [...roots, ...temporary.map((name) => join(tmpdir(), name)), ...list('/dev/shm')];
}

/** Names of what is there now, by kind. */
export function leakSnapshot() {
  return {
    'mount of init': mounts(1),
    mount: mounts('self'),
    link: list('/sys/class/net'),
    'network namespace': list('/run/netns'),
    cgroup: cgroups(),
    process: processes(),
    'nft rule': rules(),
    file: files(),
  };
}

/**
 * What `after` holds more than `before`, one line each.
 * @param {ReturnType<typeof leakSnapshot>} before
 * @param {ReturnType<typeof leakSnapshot>} after
 * @returns {string[]}
 */
export function added(before, after) {
  return Object.entries(after).flatMap(([kind, names]) => {
    const rest = [...before[kind]];
    const more = names.filter((name) => {
      const index = rest.indexOf(name);
      if (index >= 0) rest.splice(index, 1);
      return index < 0;
    });
    return more.map((name) => `${kind}: ${name}`);
  });
}

function main([command, file]) {
  if (command === 'save') return writeFileSync(file, JSON.stringify(leakSnapshot()));
  const left = added(JSON.parse(readFileSync(file, 'utf8')), leakSnapshot());
  for (const line of left) console.error(`left behind: ${line}`);
  process.exitCode = left.length > 0 ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv.slice(2));
