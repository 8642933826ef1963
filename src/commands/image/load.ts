import { boolean } from '@oclif/core/flags';
import { archiveInput } from '../../cli/archive-stream.ts';
import { GockerCommand } from '../../cli/command.ts';
import { openDisplay } from '../../cli/display.ts';
import { text } from '../../cli/flags.ts';
import type { LoadResult } from '../../engine.ts';

export default class Load extends GockerCommand {
  static override summary = 'Load images from an archive or a folder';
  static override description =
    'Takes OCI image layouts and what docker and podman save, packed or not, and verifies each byte before a name leads to it.';
  static override usage = 'load [OPTIONS]';
  static override examples = [
    '<%= config.bin %> load -i alpine.tar',
    '<%= config.bin %> load < alpine.tar.gz',
    '<%= config.bin %> load -i layout/',
  ];
  static override flags = {
    input: text({ char: 'i', description: 'what to load, instead of standard input', helpValue: 'FILE|DIR' }),
    quiet: boolean({ char: 'q', description: 'say only what was loaded' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Load);
    const { input = '-', quiet } = flags;
    const source = archiveInput(input);
    const display = openDisplay({ quiet: quiet || !process.stderr.isTTY });
    const label = input === '-' ? 'standard input' : input;
    display.begin(`Loading ${label}`);
    let loaded: LoadResult[];
    try {
      loaded = await this.engine(flags).loadImages(source, label);
    } finally {
      await display.end();
    }
    this.print(loaded.flatMap(lines).join(''));
  }
}

function lines({ id, names }: LoadResult): string[] {
  if (names.length === 0) return [`Loaded image ID: ${id}\n`];
  return names.map((name) => `Loaded image: ${name}\n`);
}
