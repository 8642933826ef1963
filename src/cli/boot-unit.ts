import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../errors.ts';

export const UNIT_NAME = 'gocker-boot.service';

export interface BootUnit {
  node: string;
  /** gocker's bin/run.js. */
  script: string;
  root: string;
  runRoot: string;
}

/**
 * The unit that starts containers at boot (systemd.service(5)). It stays active, so that going down ends its monitors with
 * SIGTERM, which they take as a stop. Throws a UsageError for a path that a unit cannot hold.
 */
export function bootUnit({ node, script, root, runRoot }: BootUnit): string {
  const words = [node, script, '--root', root, '--run-root', runRoot, 'system', 'boot'].map(quote);
  return `[Unit]
Description=Containers of gocker whose restart policy asks for them
After=local-fs.target network-online.target
Wants=network-online.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=${words.join(' ')}
TimeoutStopSec=90

[Install]
WantedBy=multi-user.target
`;
}

/** systemd reads quotes, backslashes, `%` and `$` in a command line (systemd.service(5), "COMMAND LINES"). */
function quote(word: string): string {
  if (/[\n\0]/.test(word)) {
    throw new UsageError('INVALID_PATH', `a systemd unit cannot hold the path ${JSON.stringify(word)}`);
  }
  const escaped = word.replace(/[\\"]/g, '\\$&').replace(/[%$]/g, '$&$&');
  return `"${escaped}"`;
}

/** Writes the unit into the directory; its path. */
export function writeUnit(directory: string, unit: string): string {
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  const path = join(directory, UNIT_NAME);
  writeFileSync(path, unit, { mode: 0o644 });
  return path;
}

/** True where systemd runs the machine (sd_booted(3)). */
export function isSystemd(): boolean {
  return existsSync('/run/systemd/system');
}
