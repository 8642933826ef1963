import { posix } from 'node:path';
import type { ImageRunConfig } from '../types.ts';
import { commandOf, listOf } from './command.ts';
import { healthOf } from './health.ts';
import { type Lookup, splitWords, unquote } from './words.ts';

/** What follows the instruction's name, and the config as it is up to there. */
export interface Instruction {
  text: string;
  config: ImageRunConfig;
}

type Carry = (instruction: Instruction) => Partial<ImageRunConfig>;

/** The instructions that change an image's config, each to what it sets. They throw Errors that say what is wrong. */
export const INSTRUCTIONS: Record<string, Carry> = {
  /** A command of the old entrypoint means nothing to a new one. */
  entrypoint: ({ text }) => {
    const words = text === '' ? [] : commandOf(text).words;
    return words.length === 0 ? { Entrypoint: [] } : { Entrypoint: words, Cmd: [] };
  },
  cmd: ({ text }) => ({ Cmd: commandOf(text).words }),
  env: ({ text, config }) => ({
    Env: pairsOf(text, variables(config)).reduce(
      (env, [name, value]) => [...env.filter((entry) => !entry.startsWith(`${name}=`)), `${name}=${value}`],
      config.Env ?? [],
    ),
  }),
  expose: ({ text, config }) => ({
    ExposedPorts: { ...config.ExposedPorts, ...asKeys(wordsOf(text, config).flatMap(portsOf)) },
  }),
  healthcheck: ({ text }) => ({ Healthcheck: healthOf(text) }),
  label: ({ text, config }) => ({
    Labels: { ...config.Labels, ...Object.fromEntries(pairsOf(text, variables(config))) },
  }),
  onbuild: ({ text, config }) => ({ OnBuild: [...(config.OnBuild ?? []), checkTrigger(text)] }),
  stopsignal: ({ text, config }) => ({ StopSignal: checkSignal(oneOf(text, config)) }),
  user: ({ text, config }) => ({ User: oneOf(text, config) }),
  volume: ({ text, config }) => ({
    Volumes: { ...config.Volumes, ...asKeys(listOf(text) ?? wordsOf(text, config)) },
  }),
  workdir: ({ text, config }) => ({
    WorkingDir: posix.resolve('/', config.WorkingDir ?? '', oneOf(text, config)),
  }),
};

function variables({ Env = [] }: ImageRunConfig): Lookup {
  return (name) => Env.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1);
}

function wordsOf(text: string, config: ImageRunConfig): string[] {
  const words = splitWords(text).map((word) => unquote(word, variables(config)));
  if (words.length > 0) return words;
  throw new Error('it needs at least one argument');
}

function oneOf(text: string, config: ImageRunConfig): string {
  const value = unquote(text, variables(config));
  if (value !== '') return value;
  throw new Error('it needs one argument');
}

/** `NAME=VALUE ...`, or the old `NAME VALUE`, whose value may have spaces. */
function pairsOf(text: string, lookup: Lookup): [string, string][] {
  const words = splitWords(text);
  const first = words[0] ?? '';
  if (!first.includes('=')) {
    const rest = text.slice(first.length).trim();
    if (rest === '') throw new Error('it needs a name and a value');
    return [[unquote(first, lookup), unquote(rest, lookup)]];
  }
  return words.map((word) => {
    const equals = word.indexOf('=');
    if (equals < 0) throw new Error(`${word} is not of the form NAME=VALUE`);
    const name = unquote(word.slice(0, equals), lookup);
    if (name === '') throw new Error('a name is empty');
    return [name, unquote(word.slice(equals + 1), lookup)];
  });
}

/** `80`, `80/udp`, `8000-8010`: one name for each port. */
function portsOf(text: string): string[] {
  const [, from, to = from, protocol = 'tcp'] =
    /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp|sctp))?$/i.exec(text) ?? [];
  const [first, last] = [Number(from), Number(to)];
  if (from === undefined || last > 65535 || first > last)
    throw new Error(`${text} is not a port, such as 80/tcp`);
  return Array.from({ length: last - first + 1 }, (_, at) => `${first + at}/${protocol.toLowerCase()}`);
}

function asKeys(names: string[]): Record<string, object> {
  return Object.fromEntries(names.map((name) => [name, {}]));
}

function checkSignal(signal: string): string {
  if (/^[\w+-]{1,20}$/.test(signal)) return signal;
  throw new Error(`${signal} is not a signal`);
}

function checkTrigger(text: string): string {
  const name = text.split(/\s/, 1)[0]!.toUpperCase();
  if (name === '') throw new Error('it needs an instruction');
  if (['ONBUILD', 'FROM', 'MAINTAINER'].includes(name))
    throw new Error(`${name} is not for those who build on the image`);
  return text;
}
