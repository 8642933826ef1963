import { GockerCommand } from '../../cli/command.ts';
import { jsonFlag, text } from '../../cli/flags.ts';
import { formatSize } from '../../cli/format.ts';
import { jsonText } from '../../cli/inspect.ts';
import { parseTemplate } from '../../cli/template.ts';
import type { EngineInfo } from '../../engine.ts';

export default class Info extends GockerCommand {
  static override summary = 'Show what gocker keeps, and what this host grants it';
  static override flags = {
    ...jsonFlag,
    format: text({
      char: 'f',
      description: 'json, or a template such as "{{.Driver}}"',
      helpValue: 'FORMAT',
    }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Info);
    const engine = this.engine(flags);
    const info = await engine.info();
    if (flags.json) this.print(jsonText([info]));
    else if (flags.format === 'json') this.print(`${JSON.stringify(info)}\n`);
    else if (flags.format) this.print(`${parseTemplate(flags.format)(info)}\n`);
    else {
      this.print(infoText(info, this.config.version));
      for (const warning of info.Warnings) this.note(`WARNING: ${warning}`);
    }
  }
}

function infoText(info: EngineInfo, version: string): string {
  const lines = [
    `Client Version: ${version}`,
    `Containers: ${info.Containers}`,
    ` Running: ${info.ContainersRunning}`,
    ` Stopped: ${info.ContainersStopped}`,
    `Images: ${info.Images}`,
    `Storage Driver: ${info.Driver}`,
    `Gzip: ${info.Gzip}`,
    `Cgroup Version: ${info.CgroupVersion}`,
    `Limits: ${info.Limits.join(' ')}`,
    `Kernel Version: ${info.KernelVersion}`,
    `Operating System: ${info.OperatingSystem}`,
    `Architecture: ${info.Architecture}`,
    `CPUs: ${info.NCPU}`,
    `Total Memory: ${formatSize(info.MemTotal)}`,
    `Name: ${info.Name}`,
    `Gocker Root Dir: ${info.GockerRootDir}`,
  ];
  return `${lines.join('\n')}\n`;
}
