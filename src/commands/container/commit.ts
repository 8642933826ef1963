import { string } from '@oclif/core/args';
import { boolean } from '@oclif/core/flags';
import { GockerCommand } from '../../cli/command.ts';
import { containerArg } from '../../cli/container-args.ts';
import { text, texts } from '../../cli/flags.ts';

export default class Commit extends GockerCommand {
  static override summary = 'Make an image of a container as it is';
  static override description =
    "A stopped container's files are not copied, however many they are; those of one that runs are. The image's ID is " +
    'printed.';
  static override usage = 'commit [OPTIONS] CONTAINER [REPOSITORY[:TAG]]';
  static override examples = [
    '<%= config.bin %> commit web shop:tested',
    `<%= config.bin %> commit -m "with data" -c 'CMD ["serve"]' -c "ENV MODE=demo" web shop:demo`,
  ];
  static override args = {
    container: containerArg,
    name: string({ ignoreStdin: true, description: 'name of the image; the tag is latest unless said' }),
  };
  static override flags = {
    author: text({ char: 'a', description: 'who has made it', helpValue: '"NAME <MAIL>"' }),
    change: texts({
      char: 'c',
      description: 'an instruction as in a Dockerfile, such as CMD, ENV, LABEL or USER',
      helpValue: 'INSTRUCTION',
    }),
    message: text({ char: 'm', description: 'what has changed', helpValue: 'TEXT' }),
    pause: boolean({
      char: 'p',
      description: 'stop its processes meanwhile',
      default: true,
      allowNo: true,
    }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Commit);
    const { author, message, change: changes = [], pause } = flags;
    const id = await this.engine(flags).commitContainer(args.container, {
      changes,
      pause,
      ...(args.name === undefined ? {} : { name: args.name }),
      ...(author === undefined ? {} : { author }),
      ...(message === undefined ? {} : { message }),
    });
    this.print(`${id}\n`);
  }
}
