import { statSync } from 'node:fs';
import { string } from '@oclif/core/args';
import { archiveOutput } from '../../cli/archive-stream.ts';
import { GockerCommand } from '../../cli/command.ts';
import { text } from '../../cli/flags.ts';
import type { SaveTarget } from '../../engine.ts';
import { UsageError } from '../../errors.ts';

const FORMATS = ['oci', 'docker', 'oci-archive', 'docker-archive', 'oci-dir'];

export default class Save extends GockerCommand {
  static override summary = 'Save images to an archive or a folder';
  static override description =
    'The archive is an OCI image layout that docker load reads too. The images keep their digests: manifests and layers are ' +
    'written as they came. Of a NAME without a tag all tags are saved.';
  static override usage = 'save [OPTIONS] IMAGE [IMAGE...]';
  static override examples = [
    '<%= config.bin %> save -o alpine.tar alpine:latest',
    '<%= config.bin %> save alpine | zstd > alpine.tar.zst',
    '<%= config.bin %> save -o layout/ alpine busybox',
  ];
  static override args = {
    image: string({ required: true, multiple: true, ignoreStdin: true, description: 'names, or IDs' }),
  };
  static override flags = {
    output: text({
      char: 'o',
      description: 'where to, instead of standard output; a folder when it ends in /, or is one',
      helpValue: 'FILE|DIR|-',
    }),
    format: text({
      description: 'oci or docker, which are the same archive, or oci-dir for a folder',
      helpValue: 'FORMAT',
    }),
    platform: text({
      description: 'one image of a multi-platform one alone',
      helpValue: 'OS/ARCH[/VARIANT]',
    }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Save);
    const { output, format, platform } = flags;
    await this.engine(flags).saveImages(args.image, targetOf(output, format), { platform });
  }
}

function targetOf(output = '-', format = 'oci'): SaveTarget {
  if (!FORMATS.includes(format)) {
    throw new UsageError('INVALID_FORMAT', `invalid format ${JSON.stringify(format)}`, {
      hint: `give one of ${FORMATS.join(', ')}`,
    });
  }
  const isFolder = format === 'oci-dir' || output.endsWith('/') || isDirectory(output);
  if (isFolder && output === '-')
    throw new UsageError('NO_OUTPUT', 'a folder needs a name', { hint: 'give it with -o' });
  if (isFolder) return { folder: output };
  return { archive: archiveOutput(output) };
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
