/** Where gocker starts. What is quick or must be early happens here; oclif and all else are loaded after it. */
import { readFileSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { EXIT, GockerError, hasCode } from '../errors.ts';
import { runsContainer } from './early-run.ts';

/** For the other packs of the bundle. */
export { importModule, loadPack } from './load-pack.ts';

/** Runs gocker with the arguments of a command line, and ends the process. */
export async function start(argv: string[]): Promise<never> {
  // Modes of files are meant as they are written, whatever the caller's umask.
  process.umask(0o022);
  if (argv.length === 1 && argv[0] === '--version') {
    const { version } = readJson('package.json') as { version: string };
    process.stdout.write(`gocker/${version} ${platform()}-${arch()} node-${process.version}\n`);
  } else {
    await bootInit(argv);
    const { dispatch } = await import('./dispatch.ts');
    process.exitCode = await dispatch(argv);
  }
  await Promise.all([process.stdout, process.stderr].map(handedOver));
  tellUnwritten(process.stdout);
  // Open handles, such as a terminal that was read from, must not keep gocker alive.
  process.exit();
}

/** Resolves when a slow reader of a pipe has taken all that was written, or has gone. */
async function handedOver(stream: NodeJS.WriteStream): Promise<void> {
  if (stream.writableLength === 0 || stream.destroyed) return;
  await new Promise<void>((resolve) => {
    stream.once('error', () => resolve()).write('', () => resolve());
  });
}

/** Output that is lost is a failure; a reader that has gone wanted no more. */
function tellUnwritten({ errored }: NodeJS.WriteStream): void {
  if (!errored || hasCode(errored, 'EPIPE') || process.exitCode) return;
  process.stderr.write(`gocker: the output cannot be written: ${errored.message}\n`);
  process.exitCode = EXIT.FAILURE;
}

/** Of a command that will run a container: its init is Node too, and both boot side by side. */
async function bootInit(argv: string[]): Promise<void> {
  if (!runsContainer(argv)) return;
  const { startEarly } = await import('../engine/early.ts');
  try {
    startEarly();
  } catch (error) {
    // The command itself will meet the same and say what it means.
    if (!(error instanceof GockerError)) throw error;
  }
}

/** A file of gocker's own, above this module wherever that was bundled to. */
function readJson(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../${name}`, import.meta.url), 'utf8'));
}
