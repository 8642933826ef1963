import { randomBytes } from 'node:crypto';
import { UsageError } from '../../errors.ts';
import { printable, quoted } from '../../image/printable.ts';

/** docker's rule (moby/daemon/names); what a file system takes beside the suffix of one that is being made. */
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;
const LONGEST = 180;

/** Throws a UsageError unless the text may be a volume's name. */
export function checkVolumeName(name: string): void {
  if (NAME.test(name) && name.length <= LONGEST) return;
  const why =
    name.length === 1
      ? 'volume name is too short, names should be at least two alphanumeric characters'
      : name.length > LONGEST
        ? `a volume name has at most ${LONGEST} characters`
        : `${quoted(name)} includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed`;
  throw new UsageError('INVALID_VOLUME_NAME', `create ${printable(name)}: ${why}`, {
    hint: 'if you intended to pass a host directory, use an absolute path',
  });
}

/** The name of a volume that nobody named: 64 hex digits. */
export function anonymousName(): string {
  return randomBytes(32).toString('hex');
}
