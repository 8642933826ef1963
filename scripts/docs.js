// `node scripts/docs.js` writes the command reference, docs/commands/, from oclif.manifest.json; --check: is it fresh?
import { readFileSync } from 'node:fs';
import { keepFresh } from './fresh.js';

const DIRECTORY = 'docs/commands';
const manifest = JSON.parse(readFileSync(new URL('../oclif.manifest.json', import.meta.url), 'utf8'));

/** A command as a person types it: `image ls`. */
const spoken = (id) => id.replaceAll(':', ' ');
const fileOf = (id) => `${DIRECTORY}/${id.replaceAll(':', '-')}.md`;
const visible = (things) => Object.values(things ?? {}).filter(({ hidden }) => !hidden);
/** `|` ends a table's cell, `<` begins HTML, oclif's templates do not belong into a file. */
const cell = (text = '') =>
  text.replaceAll('<%= config.bin %>', 'gocker').replace(/[|<]/g, '\\$&').replaceAll('\n', ' ');

function flagName(flag) {
  const short = [flag.char, ...(flag.charAliases ?? [])].filter(Boolean).map((char) => `-${char}`);
  const long = [flag.name, ...(flag.aliases ?? [])].map((name) =>
    name.length === 1 ? `-${name}` : `--${name}`,
  );
  const value = flag.type === 'option' ? ` ${flag.helpValue ?? flag.name.toUpperCase()}` : '';
  return `\`${[...short, ...long].join(', ')}${value}\``;
}

function notes(thing) {
  return [
    cell(thing.summary ?? thing.description),
    thing.options ? `One of ${thing.options.map((option) => `\`${option}\``).join(', ')}.` : '',
    thing.default === undefined || thing.default === false ? '' : `Default: \`${thing.default}\`.`,
    thing.multiple && thing.type === 'option' ? 'May be given several times.' : '',
    thing.required && thing.type === 'option' ? 'Required.' : '',
  ]
    .filter(Boolean)
    .join(' ');
}

function table(heading, rows) {
  if (rows.length === 0) return [];
  return [`## ${heading}`, '', '| | |', '|---|---|', ...rows.map((row) => `| ${row.join(' | ')} |`), ''];
}

function argumentName({ name, required, multiple }) {
  const shown = `${name.toUpperCase()}${multiple ? '...' : ''}`;
  return required ? shown : `[${shown}]`;
}

function usage(command) {
  if (command.usage) return `gocker ${[command.usage].flat().join('\ngocker ')}`;
  const flags = visible(command.flags).length > 0 ? ['[OPTIONS]'] : [];
  return ['gocker', spoken(command.id), ...flags, ...visible(command.args).map(argumentName)].join(' ');
}

function example(given) {
  const { description, command } = typeof given === 'string' ? { command: given } : given;
  const line = command.replaceAll('<%= config.bin %>', 'gocker').replaceAll('<%= command.id %>', 'COMMAND');
  return [...(description ? [description, ''] : []), '```sh', line.replace(/^\$ /gm, ''), '```', ''];
}

function page(command) {
  const examples = [command.examples ?? []].flat().flatMap(example);
  const also = [...command.aliases].map(spoken);
  return [
    `# gocker ${spoken(command.id)}`,
    '',
    cell(command.summary ?? command.description?.split('\n')[0]),
    '',
    '```',
    usage(command),
    '```',
    '',
    ...(also.length > 0 ? [`Also: ${also.map((name) => `\`gocker ${name}\``).join(', ')}.`, ''] : []),
    ...(command.summary && command.description ? [cell(command.description), ''] : []),
    ...table(
      'Arguments',
      visible(command.args).map((arg) => [`\`${argumentName(arg)}\``, notes(arg)]),
    ),
    ...table(
      'Options',
      visible(command.flags).map((flag) => [flagName(flag), notes(flag)]),
    ),
    ...(examples.length > 0 ? ['## Examples', '', ...examples] : []),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');
}

function contents(commands) {
  const rows = commands.map((command) => {
    const name = spoken(command.id);
    const file = fileOf(command.id).slice(DIRECTORY.length + 1);
    return `| [gocker ${name}](${file}) | ${cell(command.summary ?? command.description?.split('\n')[0])} |`;
  });
  const intro = 'Made from the commands themselves by `npm run docs`.';
  return ['# Commands', '', intro, '', '| | |', '|---|---|', ...rows, ''].join('\n');
}

/** Equal for commands that are the same under different ids. */
const content = ({ summary, description, args, flags }) =>
  JSON.stringify([summary, description, args, flags]);

/** One of each command that has several ids: docker's short form before the family's. */
function distinct(all) {
  const groups = new Map();
  for (const command of all) groups.set(content(command), [...(groups.get(content(command)) ?? []), command]);
  return [...groups.values()].map((same) => {
    const [first, ...others] = same.sort((a, b) => a.id.split(':').length - b.id.split(':').length);
    return { ...first, aliases: [...first.aliases, ...others.map(({ id }) => id)] };
  });
}

const commands = distinct(visible(manifest.commands));
const pages = commands.map((command) => ({ file: fileOf(command.id), text: page(command) }));
keepFresh(
  [{ file: `${DIRECTORY}/README.md`, text: contents(commands) }, ...pages],
  'npm run docs',
  DIRECTORY,
);
