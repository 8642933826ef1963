import { GockerCommand } from '../../cli/command.ts';
import { describeError } from '../../cli/report.ts';
import { EXIT } from '../../errors.ts';

export default class SystemBoot extends GockerCommand {
  static override summary = 'Start the containers whose restart policy asks for it after a boot';
  static override description = "'gocker system enable' has it run at every boot.";
  static override examples = ['<%= config.bin %> system boot'];

  async run(): Promise<void> {
    const { flags } = await this.parse(SystemBoot);
    for (const { name, error } of await this.engine(flags).boot()) {
      if (error === undefined) {
        this.print(`${name}\n`);
        continue;
      }
      process.stderr.write(describeError(error, {}).text);
      process.exitCode = EXIT.FAILURE;
    }
  }
}
