/** What a server wants before it serves (RFC 9110 section 11.6.1). */
export interface Challenge {
  /** Lower case: `bearer`, `basic`. */
  scheme: string;
  /** Names in lower case; the first of equal names counts. */
  params: Map<string, string>;
}

const WORD = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
/** Unquoted values are read up to the comma: some servers do not quote their realm. */
const PARAM = new RegExp(`[\\s,]*(${WORD})\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s",]+))\\s*(?=,|$)`, 'y');
const SCHEME = new RegExp(`[\\s,]*(${WORD})(?=[\\s,]|$)`, 'y');
/** The other form that may follow a scheme, as Negotiate has it. */
const TOKEN68 = /\s+[A-Za-z0-9._~+/-]+=*\s*(?=,|$)/y;

/** The challenges of a `WWW-Authenticate` header, in order; what cannot be read ends the list. */
export function parseChallenges(header: string | undefined): Challenge[] {
  const challenges: Challenge[] = [];
  const text = header ?? '';
  let at = 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found !== null) at = pattern.lastIndex;
    return found;
  };
  while (at < text.length) {
    const current = challenges.at(-1);
    const param = current && match(PARAM);
    if (param) {
      addParam(current, param);
      continue;
    }
    const scheme = match(SCHEME);
    if (scheme === null) break;
    challenges.push({ scheme: scheme[1]!.toLowerCase(), params: new Map() });
    match(TOKEN68);
  }
  return challenges;
}

function addParam({ params }: Challenge, [, name, inQuotes, bare]: RegExpExecArray): void {
  const key = name!.toLowerCase();
  if (!params.has(key)) params.set(key, inQuotes?.replace(/\\(.)/g, '$1') ?? bare!);
}
