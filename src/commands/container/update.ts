import { availableParallelism } from 'node:os';
import { GockerCommand } from '../../cli/command.ts';
import { containersArg } from '../../cli/container-args.ts';
import { forEach } from '../../cli/each.ts';
import { containerFlags } from '../../cli/flags/container.ts';
import { text } from '../../cli/flags.ts';
import { parseUpdate } from '../../cli/update.ts';

export default class Update extends GockerCommand {
  static override summary = 'Change limits of containers, while they run too';
  static override usage = 'update [OPTIONS] CONTAINER [CONTAINER...]';
  static override examples = ['<%= config.bin %> update --memory 128m --memory-swap 256m web'];
  static override args = { container: containersArg };
  static override flags = {
    cpus: text({ description: 'CPU time in CPUs, as in 0.5', helpValue: 'N' }),
    mem: text({ description: 'memory limit; a bare number is MiB', helpValue: 'SIZE' }),
    memory: text({ char: 'm', description: 'memory limit; a bare number is bytes', helpValue: 'SIZE' }),
    'memory-swap': text({ description: 'memory and swap together, -1 for no limit', helpValue: 'SIZE' }),
    pids: text({
      aliases: ['pids-limit'],
      description: 'how many processes, -1 for no limit',
      helpValue: 'N',
    }),
    'cpu-shares': containerFlags['cpu-shares'],
    'cpu-period': containerFlags['cpu-period'],
    'cpu-quota': containerFlags['cpu-quota'],
    'cpuset-cpus': containerFlags['cpuset-cpus'],
    'cpuset-mems': containerFlags['cpuset-mems'],
    'memory-reservation': containerFlags['memory-reservation'],
    'blkio-weight': containerFlags['blkio-weight'],
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Update);
    const limits = parseUpdate(flags, availableParallelism());
    const engine = this.engine(flags);
    await forEach(args.container, async (name) => {
      await engine.updateContainer(name, limits);
      this.print(`${name}\n`);
    });
  }
}
