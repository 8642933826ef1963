/** Go's templates as far as scripts use them (text/template): text to a tree. Pure. */
import { UsageError } from '../../errors.ts';

/** One thing that stands for a value. */
export type Term =
  | { kind: 'literal'; value: unknown }
  /** `.A.B`, `$.A`, `$name.A`. */
  | { kind: 'path'; from: string; keys: string[] }
  | { kind: 'function'; name: string }
  | { kind: 'pipeline'; pipeline: Pipeline };

/** A function or path with its arguments. */
export type Command = Term[];

/** Commands, each of which gets the value of the one before as its last argument. */
export type Pipeline = Command[];

export type Node =
  | { kind: 'text'; text: string }
  | { kind: 'print'; pipeline: Pipeline }
  /** `$name := pipeline`. */
  | { kind: 'set'; name: string; pipeline: Pipeline }
  | { kind: 'if' | 'with'; pipeline: Pipeline; then: Node[]; otherwise: Node[] }
  | { kind: 'range'; names: string[]; pipeline: Pipeline; then: Node[]; otherwise: Node[] };

type Token = string;
type Piece = { text: string } | { action: string };

interface Reader {
  pieces: Piece[];
  template: string;
}

const ACTION = /\{\{(- )?((?:[^"'`}]|"(?:\\.|[^"\\])*"|`[^`]*`|\}(?!\}))*?)( -)?\}\}/;
const TOKEN =
  /\s*(?:("(?:\\.|[^"\\])*"|`[^`]*`)|(-?\d+(?:\.\d+)?)|(\$\w*(?:\.\w+)*|\.(?:\w+(?:\.\w+)*)?)|([A-Za-z_]\w*)|(:=|[|(),]))/y;

/** The tree of a template. Throws a UsageError that says what of Go's language is not understood. */
export function parseNodes(template: string): Node[] {
  const reader: Reader = { pieces: split(template), template };
  const { nodes, end } = parseBlock(reader);
  if (end !== undefined) throw unsupported(reader, end);
  return nodes;
}

/** `{{-` and `-}}` take the space beside them away. */
function split(template: string): Piece[] {
  const pieces: Piece[] = [];
  for (let rest = template, trim = false; ; ) {
    const match = ACTION.exec(rest);
    const before = rest.slice(0, match?.index);
    const left = trim ? before.trimStart() : before;
    pieces.push({ text: withControls(match?.[1] ? left.trimEnd() : left) });
    if (!match) return pieces;
    pieces.push({ action: match[2]!.trim() });
    trim = match[3] !== undefined;
    rest = rest.slice(match.index + match[0].length);
  }
}

/** As docker does for those who cannot type a tab. */
function withControls(text: string): string {
  return text.replaceAll('\\t', '\t').replaceAll('\\n', '\n');
}

/** Up to `end` or `else`, which is given back. */
function parseBlock(reader: Reader): { nodes: Node[]; end?: string } {
  const nodes: Node[] = [];
  for (let piece = reader.pieces.shift(); piece !== undefined; piece = reader.pieces.shift()) {
    if ('text' in piece) {
      if (piece.text.includes('{{')) throw unsupported(reader, piece.text);
      if (piece.text !== '') nodes.push({ kind: 'text', text: piece.text });
    } else if (/^(end$|else\b)/.test(piece.action)) {
      return { nodes, end: piece.action };
    } else if (!piece.action.startsWith('/*')) {
      nodes.push(parseAction(reader, piece.action));
    }
  }
  return { nodes };
}

function parseAction(reader: Reader, action: string): Node {
  const [, word = '', rest = ''] = /^(\w+)\s*([\s\S]*)$/.exec(action) ?? [];
  if (word === 'if' || word === 'with') {
    return { kind: word, pipeline: parseText(reader, rest), ...parseBranches(reader, word) };
  }
  if (word === 'range') {
    const { names, text } = splitNames(rest);
    return { kind: 'range', names, pipeline: parseText(reader, text), ...parseBranches(reader, word) };
  }
  const { names, text } = splitNames(action);
  const pipeline = parseText(reader, text);
  if (names.length > 1) throw unsupported(reader, action);
  return names[0] === undefined ? { kind: 'print', pipeline } : { kind: 'set', name: names[0], pipeline };
}

/** `$a, $b := rest`. */
function splitNames(text: string): { names: string[]; text: string } {
  const match = /^(\$\w+(?:\s*,\s*\$\w+)?)\s*:?=\s*([\s\S]*)$/.exec(text);
  return match ? { names: match[1]!.split(/\s*,\s*/), text: match[2]! } : { names: [], text };
}

/** Both branches, to their `end`. `else if` is an `if` in the other branch. */
function parseBranches(reader: Reader, word: string): { then: Node[]; otherwise: Node[] } {
  const { nodes: then, end } = parseBlock(reader);
  if (end === 'end') return { then, otherwise: [] };
  if (end === undefined) throw unsupported(reader, `${word} without end`);
  const [, inner, condition = ''] = /^else(?:\s+(if|with)\s+([\s\S]*))?$/.exec(end) ?? [];
  if (inner === undefined) {
    if (end !== 'else') throw unsupported(reader, end);
    const last = parseBlock(reader);
    if (last.end !== 'end') throw unsupported(reader, `${word} without end`);
    return { then, otherwise: last.nodes };
  }
  return { then, otherwise: [parseAction(reader, `${inner} ${condition}`)] };
}

function parseText(reader: Reader, text: string): Pipeline {
  const tokens = tokenise(reader, text);
  const pipeline = parsePipeline(reader, tokens);
  if (tokens.length > 0 || pipeline.some((command) => command.length === 0)) throw unsupported(reader, text);
  return pipeline;
}

function tokenise(reader: Reader, text: string): Token[] {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  for (TOKEN.lastIndex = 0; TOKEN.lastIndex < end; ) {
    const match = TOKEN.exec(text);
    if (!match) throw unsupported(reader, text);
    tokens.push(match[0].trim());
  }
  return tokens;
}

function parsePipeline(reader: Reader, tokens: Token[]): Pipeline {
  const pipeline: Pipeline = [[]];
  while (tokens.length > 0 && tokens[0] !== ')') {
    const token = tokens.shift()!;
    if (token === '|') pipeline.push([]);
    else pipeline.at(-1)!.push(parseTerm(reader, token, tokens));
  }
  return pipeline;
}

function parseTerm(reader: Reader, token: Token, tokens: Token[]): Term {
  if (token === '(') {
    const pipeline = parsePipeline(reader, tokens);
    if (tokens.shift() !== ')') throw unsupported(reader, '(');
    return { kind: 'pipeline', pipeline };
  }
  if (token.startsWith('"')) return { kind: 'literal', value: stringOf(reader, token) };
  if (token.startsWith('`')) return { kind: 'literal', value: token.slice(1, -1) };
  if (/^-?\d/.test(token)) return { kind: 'literal', value: Number(token) };
  if (/^(true|false|nil)$/.test(token))
    return { kind: 'literal', value: JSON.parse(token.replace('nil', 'null')) };
  if (/^[.$]/.test(token)) {
    const [from = '', ...keys] = token.split('.');
    return { kind: 'path', from, keys: keys.filter(Boolean) };
  }
  if (/^\w+$/.test(token)) return { kind: 'function', name: token };
  throw unsupported(reader, token);
}

/** Go's escapes are JSON's, as far as anybody types them. */
function stringOf(reader: Reader, token: Token): string {
  try {
    return JSON.parse(token) as string;
  } catch {
    throw unsupported(reader, token);
  }
}

function unsupported({ template }: Reader, what: string): UsageError {
  return new UsageError('UNSUPPORTED_FORMAT', `cannot read {{${what}}} in --format ${template}`, {
    hint: 'gocker knows the part of Go templates that docs/formats.md lists; pipe --format json to jq for more',
  });
}
