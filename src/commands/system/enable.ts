import { boolean } from '@oclif/core/flags';
import { bootUnit, isSystemd, UNIT_NAME, writeUnit } from '../../cli/boot-unit.ts';
import { GockerCommand } from '../../cli/command.ts';
import { text } from '../../cli/flags.ts';

export default class SystemEnable extends GockerCommand {
  static override summary = 'Have restart policies hold after a boot';
  static override description =
    `Writes the systemd unit ${UNIT_NAME}, which runs 'gocker system boot', and says how to switch it on.`;
  static override examples = ['<%= config.bin %> system enable'];
  static override flags = {
    directory: text({ description: 'where units are', helpValue: 'DIR', default: '/etc/systemd/system' }),
    print: boolean({ description: 'print the unit and write nothing' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(SystemEnable);
    const unit = bootUnit({
      node: process.execPath,
      script: process.argv[1] ?? 'gocker',
      root: flags.root,
      runRoot: flags['run-root'],
    });
    if (flags.print) return this.print(unit);
    this.print(`${writeUnit(flags.directory, unit)}\n`);
    if (isSystemd())
      return this.note(`switch it on with: systemctl daemon-reload && systemctl enable ${UNIT_NAME}`);
    this.note("systemd does not run here: have the machine's start run this line, as root");
    this.note(
      `  ${process.execPath} ${process.argv[1]} --root ${flags.root} --run-root ${flags['run-root']} system boot`,
    );
  }
}
