import { string } from '@oclif/core/args';
import { boolean } from '@oclif/core/flags';
import { GockerCommand } from '../../cli/command.ts';
import { jsonFlag, text } from '../../cli/flags.ts';
import { jsonText } from '../../cli/inspect.ts';
import { renderListing } from '../../cli/template.ts';
import type { VerifiedPart } from '../../engine.ts';
import { EXIT } from '../../errors.ts';

export default class ImageVerify extends GockerCommand {
  static override summary = 'Check images against their digests';
  static override description =
    'Reads every blob, and compares every unpacked layer with what its blob unpacks to, entry by entry. Without IMAGE it is all of them. The exit code is 1 when something is not sound. With --repair, blobs are fetched again from where the name of the image says, and layers are unpacked again.';
  static override examples = [
    '<%= config.bin %> image verify alpine',
    '<%= config.bin %> image verify --repair',
  ];
  static override args = {
    image: string({ multiple: true, ignoreStdin: true, description: 'names, or IDs; all when absent' }),
  };
  static override flags = {
    ...jsonFlag,
    format: text({
      description: 'json for one object a line, table, or a template such as "{{.Digest}} {{.Status}}"',
      helpValue: 'FORMAT',
    }),
    quiet: boolean({ char: 'q', description: 'only what is not sound' }),
    repair: boolean({ description: 'mend what is not sound' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ImageVerify);
    const { repair } = flags;
    const parts = await this.engine(flags).verifyImages(args.image ?? [], { repair });
    const shown = flags.quiet ? parts.filter(({ status }) => status !== 'sound') : parts;
    if (flags.json) this.print(jsonText(shown));
    else if (shown.length > 0 || !flags.quiet)
      this.print(renderListing({ rows: shown.map(rowOf), columns: COLUMNS }, flags.format));
    if (parts.every(({ status }) => status === 'sound' || status === 'repaired')) return;
    process.exitCode = EXIT.FAILURE;
    if (!repair) this.note('mend it with: gocker image verify --repair');
  }
}

const COLUMNS: [string, string][] = [
  ['Image', 'IMAGE'],
  ['Kind', 'PART'],
  ['Digest', 'DIGEST'],
  ['Status', 'STATUS'],
  ['Detail', 'DETAIL'],
];

function rowOf({ image, kind, digest, status, detail }: VerifiedPart) {
  return { Image: image, Kind: kind, Digest: digest, Status: status, Detail: detail ?? '' };
}
