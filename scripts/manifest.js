// `node scripts/manifest.js` writes oclif.manifest.json from dist/; with --check it says whether the committed one is fresh.
import { fileURLToPath } from 'node:url';
import { Plugin } from '@oclif/core/config';
import gocker from '../bin/commands.js';
import { keepFresh } from './fresh.js';

const root = fileURLToPath(new URL('..', import.meta.url));

/** oclif knows stand-ins of gocker's commands; here each is looked at. */
class Loaded extends Plugin {
  async findCommand(id) {
    return await gocker.loadCommand(id);
  }
}

/** oclif's own cache of every command's flags, arguments and static properties, so that a start loads no command. */
export async function manifest() {
  const plugin = new Loaded({ root, type: 'core', ignoreManifest: true, errorOnManifestCreate: true });
  await plugin.load();
  const { commands, version } = plugin.manifest;
  const sorted = Object.fromEntries(Object.entries(commands).sort(([a], [b]) => a.localeCompare(b, 'en')));
  return `${JSON.stringify({ commands: sorted, version }, null, 2)}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  keepFresh([{ file: 'oclif.manifest.json', text: await manifest() }], 'npm run manifest');
}
