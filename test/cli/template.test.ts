import { describe, expect, it } from 'vitest';
import { type Listing, parseTemplate, renderListing } from '../../src/cli/template.ts';

const listing: Listing = {
  rows: [
    { ID: 'abc', Names: 'one', Extra: { A: 1 } },
    { ID: 'd', Names: 'the_second', Extra: { A: 2 } },
  ],
  columns: [
    ['ID', 'CONTAINER ID'],
    ['Names', 'NAMES'],
  ],
};

describe('renderListing', () => {
  it('prints a table with columns three apart', () => {
    expect(renderListing(listing)).toBe(
      'CONTAINER ID   NAMES\nabc            one\nd              the_second\n',
    );
  });

  it('prints the header alone when there is nothing', () => {
    expect(renderListing({ ...listing, rows: [] })).toBe('CONTAINER ID   NAMES\n');
  });

  it('prints one JSON object a line', () => {
    const lines = renderListing(listing, 'json').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(listing.rows);
    expect(renderListing({ ...listing, rows: [] }, 'json')).toBe('');
  });

  it('fills templates', () => {
    expect(renderListing(listing, '{{.ID}}: {{ .Names }}')).toBe('abc: one\nd: the_second\n');
    expect(renderListing(listing, '{{json .Extra}} {{.Extra.A}}')).toBe('{"A":1} 1\n{"A":2} 2\n');
    expect(renderListing(listing, '{{json .}}')).toBe(renderListing(listing, 'json'));
    expect(renderListing(listing, 'table {{.ID}}\\t{{.Names}}')).toBe(renderListing(listing));
  });

  it('lets no text of others act on the terminal', () => {
    const rows = [{ ID: '\u001b]0;x\u0007\u202e', Names: 'a\nb' }];
    for (const format of [undefined, '{{.ID}} {{.Names}}', 'json']) {
      expect(
        renderListing({ ...listing, rows }, format)
          .trimEnd()
          .split('\n')
          .pop(),
      ).not.toMatch(/[\u001b\u0007]/);
    }
  });
});

describe('parseTemplate', () => {
  it.each(['{{range .}}x{{end}}', '{{if .ID}}', '{{.ID | upper}}', '{{len .ID}}'])(
    'refuses %s',
    (template) => {
      expect(() => parseTemplate(template)).toThrow(/cannot read \{\{/);
    },
  );

  it('names a key that is not there', () => {
    expect(() => parseTemplate('{{.State.Pid}}')({ State: {} })).toThrow('no key "Pid"');
    expect(parseTemplate('{{.State.Pid}}')({ State: { Pid: 7 } })).toBe('7');
  });
});
