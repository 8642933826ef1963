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
  it.each([
    '{{range .}}x',
    '{{if .ID}}',
    '{{end}}',
    '{{else}}',
    '{{.ID',
    '{{.ID |}}',
    '{{template "x"}}',
    '{{define "x"}}y{{end}}',
    '{{$x, $y := .}}',
    '{{(.ID}}',
    '{{.ID ! 1}}',
    '{{}}',
  ])('refuses %s', (template) => {
    expect(() => parseTemplate(template)).toThrow('--format');
  });

  const value = {
    Name: '/one',
    Args: ['a', 'b c'],
    Labels: { z: '1', a: '' },
    State: { Pid: 7, Running: true, Error: null },
    Mounts: [{ Source: '/x' }, { Source: '/y' }],
    Networks: { none: { IPAddress: '' }, br: { IPAddress: '10.0.0.2' } },
    Label: (name: string) => `label ${name}`,
  };

  // Beside each what docker's inspect prints.
  it.each([
    ['{{range .Mounts}}{{.Source}} {{end}}', '/x /y '],
    ['{{range $i, $m := .Mounts}}{{$i}}={{$m.Source}};{{end}}', '0=/x;1=/y;'],
    ['{{range $name, $net := .Networks}}{{$name}}:{{$net.IPAddress}} {{end}}', 'br:10.0.0.2 none: '],
    ['{{range .Networks}}{{.IPAddress}}{{end}}', '10.0.0.2'],
    ['{{range .State.Error}}x{{else}}none{{end}}', 'none'],
    ['{{if .State.Running}}up{{else}}down{{end}}', 'up'],
    ['{{if not .State.Running}}a{{else if eq .State.Pid 7}}b{{else}}c{{end}}', 'b'],
    ['{{with .State}}{{.Pid}}{{$.Name}}{{end}}', '7/one'],
    ['{{$p := .State.Pid}}{{$p}}', '7'],
    ['{{index .Labels "z"}}{{index .Labels "nosuch"}}', '1'],
    ['{{index .Mounts 1 "Source"}}', '/y'],
    ['{{len .Args}} {{len .Name}}', '2 4'],
    ['{{.Name | upper | printf "%q"}}', '"/ONE"'],
    ['{{upper (slice .Name 1)}}', 'ONE'],
    ['{{printf "%s-%d %5s|%-5s|" .Name .State.Pid "a" "b"}}', '/one-7     a|b    |'],
    ['{{join .Args "\\n"}}', 'a\nb c'],
    ['{{println .Name}}{{"\\n"}}', '/one\n\n'],
    ['{{.Args}} {{.Labels}} {{.State.Error}}', '[a b c] map[a: z:1] <no value>'],
    ['{{json .Args}} {{json .State.Error}}', '["a","b c"] null'],
    ['{{and .State.Running .State.Pid}} {{or .State.Error "x"}}', '7 x'],
    ['{{eq .State.Pid 1 7}} {{ne 1 2}} {{lt 1 2}} {{ge 1 2}}', 'true true true false'],
    ['{{.Label "x"}}', 'label x'],
    ['a {{- .State.Pid -}} b', 'a7b'],
    ['{{/* nothing */}}x', 'x'],
    ['{{truncate .Name 2}}{{title "abc"}}{{pad "x" 1 1}}{{split "a,b" ","}}', '/oAbc x [a b]'],
  ])('%s', (template, text) => {
    expect(parseTemplate(template)(value)).toBe(text);
  });

  it('lets no text of others break lines or act on the terminal', () => {
    const foreign = { A: 'x\n\u001b[2J', L: ['\u001b]'] };
    for (const template of [
      '{{.A}}',
      '{{println .A}}',
      '{{printf "%s" .A}}',
      '{{join .L ","}}',
      '{{.L}}',
      '{{upper .A}}',
    ])
      expect(parseTemplate(template)(foreign).trimEnd()).not.toMatch(/[\u001b\n]/);
  });

  it('names a key that is not there', () => {
    expect(() => parseTemplate('{{.State.Pid}}')({ State: {} })).toThrow('no key "Pid"');
    expect(parseTemplate('{{.State.Pid}}')({ State: { Pid: 7 } })).toBe('7');
  });
});
