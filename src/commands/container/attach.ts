import { string } from '@oclif/core/args';
import { boolean } from '@oclif/core/flags';
import { stayAttached } from '../../cli/attach.ts';
import { GockerCommand } from '../../cli/command.ts';
import { attachFlags } from '../../cli/flags/attach.ts';

export default class Attach extends GockerCommand {
  static override summary = 'Connect this terminal to a program that runs in the background';
  static override description =
    "Ctrl-P Ctrl-Q leaves the program running, where it has a terminal. The exit code is the program's.";
  static override examples = ['<%= config.bin %> attach web'];
  static override args = {
    container: string({ required: true, ignoreStdin: true, description: 'name, ID, or beginning of an ID' }),
  };
  static override flags = {
    ...attachFlags,
    'no-stdin': boolean({ description: 'leave standard input alone' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Attach);
    const engine = this.engine(flags);
    const { id, config } = await engine.findContainer(args.container);
    const { terminal: tty, stdin } = config.process;
    const options = {
      tty,
      stdin: stdin && !flags['no-stdin'],
      sigProxy: flags['sig-proxy'] && !tty,
      detachKeys: flags['detach-keys'],
    };
    process.exitCode = await stayAttached(engine, (streams) => engine.attach(id, streams), options);
  }
}
