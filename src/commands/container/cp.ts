import { string } from '@oclif/core/args';
import { boolean } from '@oclif/core/flags';
import { GockerCommand } from '../../cli/command.ts';
import { formatSize } from '../../cli/format.ts';
import { UsageError } from '../../errors.ts';

interface Side {
  container?: string;
  path: string;
}

export default class Cp extends GockerCommand {
  static override summary = 'Copy files between a container and the host';
  static override description =
    'A directory is copied into a directory that is there, or becomes the one that is not; with /. at its end its contents ' +
    'are copied. - is a tar archive on standard input or output.';
  static override usage = 'cp [OPTIONS] CONTAINER:PATH PATH|-\n  cp [OPTIONS] PATH|- CONTAINER:PATH';
  static override examples = [
    '<%= config.bin %> cp web:/etc/hosts .',
    '<%= config.bin %> cp ./site/. web:/www',
  ];
  static override args = {
    source: string({ required: true, ignoreStdin: true, description: 'what to copy' }),
    destination: string({ required: true, ignoreStdin: true, description: 'where to' }),
  };
  static override flags = {
    archive: boolean({ char: 'a', description: 'keep owners' }),
    'follow-link': boolean({ char: 'L', description: 'copy what a link in the source leads to' }),
    quiet: boolean({ char: 'q', description: 'say nothing when it is done' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Cp);
    const [source, destination] = [parseSide(args.source), parseSide(args.destination)];
    const engine = this.engine(flags);
    const options = { archive: flags.archive, follow: flags['follow-link'] };
    const side = oneContainer(source, destination);
    const request = { ...options, container: side.container!, path: side.path };
    const other = side === source ? destination : source;
    const host = { path: other.path, cwd: process.cwd() };
    const isOut = side === source;
    if (other.path === '-') {
      await (isOut
        ? engine.copyArchiveOut(request, process.stdout)
        : engine.copyArchiveIn(request, process.stdin));
      return;
    }
    const bytes = await (isOut ? engine.copyOut(request, host) : engine.copyIn(request, host));
    if (!flags.quiet) this.note(`Successfully copied ${formatSize(bytes)} to ${args.destination}`);
  }
}

/** `CONTAINER:PATH`, where nothing before the colon looks like a path. */
function parseSide(text: string): Side {
  const colon = text.indexOf(':');
  if (text === '-' || colon < 1 || /^[./]/.test(text)) return { path: text };
  return { container: text.slice(0, colon), path: text.slice(colon + 1) };
}

function oneContainer(source: Side, destination: Side): Side {
  if (source.container !== undefined && destination.container !== undefined) {
    throw new UsageError('BETWEEN_CONTAINERS', 'copying between containers is not supported', {
      hint: 'go through a pipe: gocker cp A:/x - | gocker cp - B:/',
    });
  }
  const side = source.container === undefined ? destination : source;
  if (side.container === undefined) {
    throw new UsageError('NO_CONTAINER', 'one of the two must be in a container', {
      hint: 'write CONTAINER:PATH',
    });
  }
  if (side.path !== '') return side;
  throw new UsageError('NO_PATH', `no path after ${side.container}:`, { hint: 'as in web:/etc/hosts' });
}
