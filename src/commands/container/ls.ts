import { boolean } from '@oclif/core/flags';
import { GockerCommand } from '../../cli/command.ts';
import { CONTAINER_COLUMNS, containerRow } from '../../cli/container-rows.ts';
import { listFlags, parseInteger, text } from '../../cli/flags.ts';
import { renderListing } from '../../cli/template.ts';
import type { ContainerSummary } from '../../engine.ts';

export default class Ps extends GockerCommand {
  static override summary = 'List containers';
  static override flags = {
    ...listFlags,
    all: boolean({ char: 'a', description: 'those too that do not run' }),
    last: text({ char: 'n', description: 'the N newest, running or not', helpValue: 'N' }),
    latest: boolean({ char: 'l', description: 'the newest, running or not' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Ps);
    const count = flags.latest ? 1 : flags.last === undefined ? -1 : parseInteger(flags.last, '--last', -1);
    const engine = this.engine(flags);
    const { containers, damaged } = await engine.listContainers();
    for (const { error } of damaged) this.note(`warning: ${error.message}`);
    const chosen = choose(containers, { all: flags.all, count });
    const row = { truncate: !flags['no-trunc'], now: Date.now() };
    const rows = chosen.map((summary) => containerRow(summary, row));
    if (flags.quiet) this.print(rows.map(({ ID }) => `${ID}\n`).join(''));
    else this.print(renderListing({ rows, columns: CONTAINER_COLUMNS }, flags.format));
  }
}

/** docker's rule: a number means the newest of all, else only what runs is listed. */
function choose(containers: ContainerSummary[], { all, count }: { all: boolean; count: number }) {
  if (count > 0) return containers.slice(0, count);
  return all ? containers : containers.filter(({ container }) => container.state.status === 'running');
}
