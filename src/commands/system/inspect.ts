import { string } from '@oclif/core/args';
import { boolean } from '@oclif/core/flags';
import { GockerCommand } from '../../cli/command.ts';
import { jsonFlag, text } from '../../cli/flags.ts';
import { printInspection } from '../../cli/inspect.ts';
import { UsageError } from '../../errors.ts';

const TYPES = ['container', 'image', 'volume'] as const;

export default class Inspect extends GockerCommand {
  static override summary = 'Show all that is known of containers, images or volumes, as JSON';
  static override description =
    'A container of the name comes before an image, and that before a volume, unless --type says which.';
  static override examples = ['<%= config.bin %> inspect --format "{{.State.Status}}" web'];
  static override args = {
    name: string({
      required: true,
      multiple: true,
      ignoreStdin: true,
      description: 'names, IDs, or beginnings of IDs',
    }),
  };
  static override flags = {
    ...jsonFlag,
    format: text({ char: 'f', description: 'a template such as "{{.State.Pid}}"', helpValue: 'FORMAT' }),
    size: boolean({ char: 's', description: 'count the bytes of a container’s files' }),
    type: text({ description: 'container, image or volume', helpValue: 'TYPE' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Inspect);
    const { size, type } = flags;
    if (type !== undefined && !(TYPES as readonly string[]).includes(type)) {
      throw new UsageError('UNKNOWN_TYPE', `unknown type ${JSON.stringify(type)}`, {
        hint: `it must be one of ${TYPES.join(', ')}`,
      });
    }
    const engine = this.engine(flags);
    const ways = {
      container: (name: string) => engine.inspectContainer(name, { size }),
      image: (name: string) => engine.inspectImage(name),
      volume: (name: string) => engine.inspectVolume(name),
    };
    const inspect =
      type === undefined ? (name: string) => engine.inspect(name, { size }) : ways[type as keyof typeof ways];
    this.print(await printInspection(args.name, flags.json ? undefined : flags.format, inspect));
  }
}
