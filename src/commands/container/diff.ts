import { GockerCommand } from '../../cli/command.ts';
import { containerArg } from '../../cli/container-args.ts';
import { printable } from '../../image/printable.ts';

const LETTERS = { added: 'A', changed: 'C', deleted: 'D' };

export default class Diff extends GockerCommand {
  static override summary = 'Show which files of a container are not as in its image';
  static override description = 'A is added, C is changed, D is deleted.';
  static override usage = 'diff CONTAINER';
  static override examples = ['<%= config.bin %> diff web'];
  static override args = { container: containerArg };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Diff);
    const changes = await this.engine(flags).diffContainer(args.container);
    const lines = changes.map(
      ({ kind, path }) => `${LETTERS[kind]} ${printable(path, Number.POSITIVE_INFINITY)}\n`,
    );
    this.print(lines.join(''));
  }
}
