import { string } from '@oclif/core/args';
import { boolean } from '@oclif/core/flags';
import { GockerCommand } from '../../cli/command.ts';
import { parseMoment } from '../../cli/duration.ts';
import { parseInteger, text } from '../../cli/flags.ts';
import { writeAll } from '../../cli/write.ts';
import type { LogOptions } from '../../engine.ts';

export default class Logs extends GockerCommand {
  static override summary = 'Print what the program of a container has written';
  static override examples = ['<%= config.bin %> logs -f --tail 100 web'];
  static override args = {
    container: string({ required: true, ignoreStdin: true, description: 'name, ID, or beginning of an ID' }),
  };
  static override flags = {
    follow: boolean({ char: 'f', description: 'go on with what it writes from now on' }),
    since: text({ description: 'only what is younger: a time, or how long ago, as 10m', helpValue: 'TIME' }),
    until: text({ description: 'only what is older', helpValue: 'TIME' }),
    tail: text({ char: 'n', description: 'only so many of the last lines', helpValue: 'N', default: 'all' }),
    details: boolean({
      description: 'begin each line with what the log driver adds, as docker does: a blank',
    }),
    timestamps: boolean({ char: 't', description: 'begin each line with its time' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Logs);
    const now = Date.now();
    const options: LogOptions = {
      follow: flags.follow,
      ...(flags.since === undefined ? {} : { since: parseMoment(flags.since, '--since', now) }),
      ...(flags.until === undefined ? {} : { until: parseMoment(flags.until, '--until', now) }),
      ...(flags.tail === 'all' || flags.tail.startsWith('-')
        ? {}
        : { tail: parseInteger(flags.tail, '--tail', 0) }),
    };
    let isNewLine = true;
    for await (const { stream, time, data } of this.engine(flags).logs(args.container, options)) {
      // gocker's log drivers add nothing, and docker sets the blank behind it all the same.
      const stamp = isNewLine ? `${flags.timestamps ? `${time} ` : ''}${flags.details ? ' ' : ''}` : '';
      isNewLine = data.at(-1) === 0x0a;
      const isTaken = await writeAll(
        process[stream],
        stamp === '' ? data : Buffer.concat([Buffer.from(stamp), data]),
      );
      if (!isTaken) return;
    }
  }
}
