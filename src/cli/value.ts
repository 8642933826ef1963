/**
 * oclif takes `--entrypoint=--rm` for a missing value, because `--rm` is a flag too. A NUL, which no argv can hold,
 * in front of such a value hides it from the parser; the flag's own parse takes it off again.
 */
const MARK = '\0';

/** The value, marked when it begins as a flag does. Negative numbers need no mark. */
export function escapeValue(value: string): string {
  return /^-[^\d.]/.test(value) ? MARK + value : value;
}

/** The value as the user typed it. */
export function unescapeValue(value: string): string {
  return value.startsWith(MARK) ? value.slice(MARK.length) : value;
}
