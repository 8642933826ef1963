/**
 * oclif takes `--entrypoint=--rm` for a missing value, because `--rm` is a flag too. A NUL, which no argv can hold,
 * in front of such a value hides it from the parser; the flag's own parse takes it off again.
 */
const MARK = '\0';

/** The value, marked when it begins as a flag does. Negative numbers need no mark. */
export function escapeValue(value: string): string {
  return /^-[^\d.]/.test(value) ? MARK + value : value;
}

const hidden: string[] = [];

/** What stands for a secret value: oclif shows its argv to whoever sets DEBUG. */
export function hideValue(value: string): string {
  return `${MARK}*${hidden.push(value) - 1}`;
}

/** True for an argument of `--flag=value` with such a value. */
export function isHidden(argument: string): boolean {
  return argument.includes(`=${MARK}*`);
}

/** The value as the user typed it. */
export function unescapeValue(value: string): string {
  const place = value.startsWith(`${MARK}*`) ? hidden[Number(value.slice(2))] : undefined;
  if (place !== undefined) return place;
  return value.startsWith(MARK) ? value.slice(MARK.length) : value;
}
