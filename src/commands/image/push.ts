import { string } from '@oclif/core/args';
import { boolean } from '@oclif/core/flags';
import { GockerCommand } from '../../cli/command.ts';
import { text } from '../../cli/flags.ts';
import { pushProgress } from '../../cli/progress.ts';

export default class Push extends GockerCommand {
  static override summary = 'Upload an image to a registry';
  static override description =
    'The image keeps its digests: its manifests and blobs are sent as they came. What the registry has is not sent.';
  static override usage = 'push [OPTIONS] NAME[:TAG]';
  static override examples = [
    '<%= config.bin %> push registry.example.com:5000/team/alpine:3',
    '<%= config.bin %> push --all-tags registry.example.com:5000/team/alpine',
  ];
  static override args = {
    image: string({
      required: true,
      ignoreStdin: true,
      description: 'what to push, and where to; the tag is latest unless said',
    }),
  };
  static override flags = {
    'all-tags': boolean({ char: 'a', description: 'every tag of the repository that is here' }),
    platform: text({
      description: 'one image of a multi-platform one alone',
      helpValue: 'OS/ARCH[/VARIANT]',
    }),
    quiet: boolean({ char: 'q', description: 'print only the full name' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Push);
    const pushed = await this.engine(flags).push(args.image, {
      ...(flags.platform === undefined ? {} : { platform: flags.platform }),
      allTags: flags['all-tags'],
      observer: pushProgress({ quiet: flags.quiet }),
    });
    for (const { tag, digest, size, familiarName } of pushed) {
      this.print(flags.quiet ? `${familiarName}\n` : `${tag}: digest: ${digest} size: ${size}\n`);
    }
  }
}
