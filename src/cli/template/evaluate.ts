import { UsageError } from '../../errors.ts';
import { FUNCTIONS, Harmless, isEmpty, shownText } from './functions.ts';
import { type Command, type Node, type Pipeline, parseNodes, type Term } from './parse.ts';

/** Where names lead: `.`, `$` and the variables. */
interface Scope {
  dot: unknown;
  variables: Map<string, unknown>;
  template: string;
}

/** A function that fills the template from a value. Throws a UsageError for what it does not know. */
export function parseTemplate(template: string): (value: unknown) => string {
  const nodes = parseNodes(template);
  checkFunctions(nodes, template);
  return (value) => render(nodes, { dot: value, variables: new Map([['$', value]]), template });
}

/** Before anything is looked up: a misspelt function is told even when there is nothing to show. */
function checkFunctions(nodes: Node[], template: string): void {
  const inTerm = (term: Term) => {
    if (term.kind === 'pipeline') term.pipeline.flat().forEach(inTerm);
    if (term.kind !== 'function' || Object.hasOwn(FUNCTIONS, term.name)) return;
    throw new UsageError(
      'UNSUPPORTED_FORMAT',
      `no function ${JSON.stringify(term.name)} for --format ${template}`,
      {
        hint: `there are ${Object.keys(FUNCTIONS).join(', ')}`,
      },
    );
  };
  for (const node of nodes) {
    if ('pipeline' in node) node.pipeline.flat().forEach(inTerm);
    if ('then' in node) checkFunctions([...node.then, ...node.otherwise], template);
  }
}

function render(nodes: Node[], scope: Scope): string {
  return nodes.map((node) => renderNode(node, scope)).join('');
}

function renderNode(node: Node, scope: Scope): string {
  if (node.kind === 'text') return node.text;
  const value = evaluate(node.pipeline, scope);
  if (node.kind === 'print') return shownText(value);
  if (node.kind === 'set') {
    scope.variables.set(node.name, value);
    return '';
  }
  if (node.kind === 'range') return renderRange(node, value, scope);
  if (isEmpty(value)) return render(node.otherwise, inner(scope));
  return render(node.then, inner(scope, node.kind === 'with' ? value : scope.dot));
}

function renderRange(node: Node & { kind: 'range' }, value: unknown, scope: Scope): string {
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
  const entries: [unknown, unknown][] = isMap
    ? Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
    : Array.isArray(value)
      ? value.map((item, index) => [index, item])
      : [];
  if (entries.length === 0) return render(node.otherwise, inner(scope));
  return entries
    .map(([key, item]) => {
      const below = inner(scope, item);
      const [first, second] = node.names;
      if (first !== undefined) below.variables.set(first, second === undefined ? item : key);
      if (second !== undefined) below.variables.set(second, item);
      return render(node.then, below);
    })
    .join('');
}

function inner(scope: Scope, dot = scope.dot): Scope {
  return { ...scope, dot, variables: new Map(scope.variables) };
}

function evaluate(pipeline: Pipeline, scope: Scope): unknown {
  return pipeline.reduce<unknown[]>((before, command) => [call(command, before, scope)], [])[0];
}

function call([head, ...rest]: Command, before: unknown[], scope: Scope): unknown {
  const values = [...rest.map((term) => resolveTerm(term, scope)), ...before];
  if (head!.kind === 'function') return FUNCTIONS[head!.name]!(...values);
  // What the template itself says may break lines; so may what functions made of it.
  if (head!.kind === 'literal' && typeof head!.value === 'string') return new Harmless(head!.value);
  const value = resolveTerm(head!, scope);
  return typeof value === 'function' ? value(...values) : value;
}

function resolveTerm(term: Term, scope: Scope): unknown {
  if (term.kind === 'literal') return term.value;
  if (term.kind === 'pipeline') return evaluate(term.pipeline, scope);
  if (term.kind === 'function') return FUNCTIONS[term.name]!();
  if (term.from !== '' && !scope.variables.has(term.from)) throw unknown(term.from, scope.template);
  const start = term.from === '' ? scope.dot : scope.variables.get(term.from);
  return term.keys.reduce((value, key) => child(value, key, scope.template), start);
}

function child(value: unknown, key: string, template: string): unknown {
  if (typeof value === 'object' && value !== null && Object.hasOwn(value, key)) {
    return (value as Record<string, unknown>)[key];
  }
  throw unknown(key, template);
}

function unknown(key: string, template: string): UsageError {
  return new UsageError('UNKNOWN_KEY', `no key ${JSON.stringify(key)} for --format ${template}`, {
    hint: 'see the keys with --format json',
  });
}
