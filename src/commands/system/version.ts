import { arch, platform } from 'node:os';
import { GockerCommand } from '../../cli/command.ts';
import { jsonFlag, text } from '../../cli/flags.ts';
import { jsonText } from '../../cli/inspect.ts';
import { parseTemplate } from '../../cli/template.ts';

export default class Version extends GockerCommand {
  static override summary = 'Show the version of gocker and of what it runs on';
  static override flags = {
    ...jsonFlag,
    format: text({
      char: 'f',
      description: 'json, or a template such as "{{.Client.Version}}"',
      helpValue: 'FORMAT',
    }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Version);
    const client = {
      Version: this.config.version,
      DriverApi: String((this.config.pjson as { gocker?: { api?: number } }).gocker?.api ?? ''),
      NodeVersion: process.versions.node,
      Os: platform(),
      Arch: arch() === 'x64' ? 'amd64' : arch(),
    };
    if (flags.json) this.print(jsonText([{ Client: client }]));
    else if (flags.format === 'json') this.print(`${JSON.stringify({ Client: client })}\n`);
    else if (flags.format) this.print(`${parseTemplate(flags.format)({ Client: client })}\n`);
    else this.print(versionText(client));
  }
}

function versionText(client: Record<string, string>): string {
  return [
    'Client: gocker',
    ` Version:      ${client.Version}`,
    ` Driver API:   ${client.DriverApi}`,
    ` Node version: ${client.NodeVersion}`,
    ` OS/Arch:      ${client.Os}/${client.Arch}`,
    '',
  ].join('\n');
}
