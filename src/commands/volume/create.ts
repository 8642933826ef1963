import { string } from '@oclif/core/args';
import { GockerCommand } from '../../cli/command.ts';
import { invalidArgument } from '../../cli/flags/invalid.ts';
import { parseLabels } from '../../cli/flags/labels.ts';
import { text, texts } from '../../cli/flags.ts';
import { UsageError } from '../../errors.ts';

export default class VolumeCreate extends GockerCommand {
  static override summary = 'Make a volume';
  static override description =
    'Its name is printed; one that is there already stays as it is. Without a name it gets 64 hex digits.';
  static override examples = [
    '<%= config.bin %> volume create data',
    '<%= config.bin %> volume create -o type=none -o o=bind -o device=/srv/www www',
    '<%= config.bin %> volume create -o type=tmpfs -o o=size=64m scratch',
  ];
  static override usage = 'volume create [OPTIONS] [VOLUME]';
  static override args = { volume: string({ ignoreStdin: true, description: 'name of the volume' }) };
  static override flags = {
    driver: text({
      char: 'd',
      description: 'local, the only one there is',
      default: 'local',
      helpValue: 'DRIVER',
    }),
    label: texts({ description: 'a label of the volume', helpValue: 'KEY[=VALUE]' }),
    opt: texts({
      char: 'o',
      description: 'type, o and device, as mount(8) has them',
      helpValue: 'KEY=VALUE',
    }),
    name: text({ description: 'the name, in place of the argument', hidden: true }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(VolumeCreate);
    const name = args.volume ?? flags.name;
    if (flags.driver !== 'local') throw noDriver(flags.driver);
    if (args.volume !== undefined && flags.name !== undefined)
      throw new UsageError('CONFLICTING_FLAGS', 'conflicting options: --name and the name as an argument', {
        hint: 'give one of them',
      });
    const created = await this.engine(flags).createVolume({
      ...(name === undefined ? {} : { name }),
      labels: parseLabels(flags.label),
      options: Object.fromEntries((flags.opt ?? []).map(parseOption)),
    });
    this.print(`${created}\n`);
  }
}

function parseOption(text: string): [key: string, value: string] {
  const equals = text.indexOf('=');
  if (equals < 1) throw invalidArgument('--opt', text, { why: 'it is not KEY=VALUE' });
  return [text.slice(0, equals), text.slice(equals + 1)];
}

function noDriver(name: string): UsageError {
  return new UsageError(
    'UNKNOWN_DRIVER',
    `error looking up volume plugin ${name}: plugin ${JSON.stringify(name)} not found`,
    {
      hint: 'the only driver is local; -o device= mounts what the host has',
    },
  );
}
