/** The words of an instruction as a Dockerfile has them (Dockerfile reference, "Environment replacement"). */

/** Looks up a variable; undefined when it is not set. */
export type Lookup = (name: string) => string | undefined;

/** Split at spaces that are neither quoted nor escaped; quotes and escapes stay. */
export function splitWords(text: string): string[] {
  return text.match(/(?:\\.|"(?:\\.|[^"\\])*(?:"|$)|'[^']*(?:'|$)|[^\s"'\\]|\\$)+/gs) ?? [];
}

/**
 * The text without its quotes and escapes, variables replaced by what they stand for, but for those in single quotes.
 * Throws an Error that says what is not closed.
 */
export function unquote(text: string, lookup: Lookup): string {
  let result = '';
  let quote: string | undefined;
  for (let at = 0; at < text.length; ) {
    const char = text[at]!;
    if (quote === "'" ? char === "'" : char === quote) {
      [quote, at] = [undefined, at + 1];
    } else if (quote === undefined && (char === '"' || char === "'")) {
      [quote, at] = [char, at + 1];
    } else if (char === '\\' && quote !== "'") {
      result +=
        quote === '"' && !/["$\\]/.test(text[at + 1] ?? '') ? text.slice(at, at + 2) : (text[at + 1] ?? '');
      at += 2;
    } else if (char === '$' && quote !== "'") {
      const { value, length } = variableAt(text, at, lookup);
      [result, at] = [result + value, at + length];
    } else {
      [result, at] = [result + char, at + 1];
    }
  }
  if (quote !== undefined) throw new Error(`it ends before the closing ${quote}`);
  return result;
}

const VARIABLE = /\$(?:([A-Za-z_]\w*|\d)|\{([A-Za-z_]\w*)(?:(:[-+])((?:\\.|[^}\\])*))?\})/y;

/** `$NAME`, `${NAME}`, `${NAME:-otherwise}` or `${NAME:+instead}`; a lone `$` is itself. */
function variableAt(text: string, at: number, lookup: Lookup): { value: string; length: number } {
  VARIABLE.lastIndex = at;
  const match = VARIABLE.exec(text);
  if (match === null) {
    if (text[at + 1] === '{')
      throw new Error('in the braces after $ is a name, and perhaps :- or :+ and a word');
    return { value: '$', length: 1 };
  }
  const [whole, plain, braced, operator, word = ''] = match;
  const found = lookup((plain ?? braced)!) ?? '';
  const other = () => unquote(word, lookup);
  const value = operator === ':-' ? found || other() : operator === ':+' ? found && other() : found;
  return { value, length: whole.length };
}
