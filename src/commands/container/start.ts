import { boolean } from '@oclif/core/flags';
import { stayAttached } from '../../cli/attach.ts';
import { GockerCommand } from '../../cli/command.ts';
import { containersArg } from '../../cli/container-args.ts';
import { forAll } from '../../cli/each.ts';
import { attachFlags } from '../../cli/flags/attach.ts';
import { UsageError } from '../../errors.ts';

export default class Start extends GockerCommand {
  static override summary = 'Start containers that were created or have ended';
  static override usage = 'start [OPTIONS] CONTAINER [CONTAINER...]';
  static override examples = ['<%= config.bin %> start web', '<%= config.bin %> start -ai shell'];
  static override args = { container: containersArg };
  static override flags = {
    attach: boolean({ char: 'a', description: 'show what the program writes, and hand signals on' }),
    interactive: boolean({ char: 'i', description: 'connect standard input' }),
    ...attachFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Start);
    if (flags.attach || flags.interactive) return await this.stay(args.container, flags);
    const engine = this.engine(flags);
    await forAll(args.container, async (name) => {
      await engine.start(name);
      return () => this.print(`${name}\n`);
    });
  }

  private async stay(
    names: string[],
    flags: Parameters<typeof this.engine>[0] & {
      interactive: boolean;
      'sig-proxy': boolean;
      'detach-keys': string;
    },
  ): Promise<void> {
    if (names.length > 1) {
      throw new UsageError('ONE_CONTAINER', 'only one container can be attached to', {
        hint: 'leave out -a and -i, or name one container',
      });
    }
    const engine = this.engine(flags);
    const { id, config } = await engine.findContainer(names[0]!);
    const { terminal: tty, stdin } = config.process;
    const options = {
      tty,
      stdin: stdin && flags.interactive,
      sigProxy: flags['sig-proxy'] && !tty,
      detachKeys: flags['detach-keys'],
    };
    process.exitCode = await stayAttached(
      engine,
      (streams, more) => engine.startAttached(id, { streams, ...more }),
      options,
    );
  }
}
