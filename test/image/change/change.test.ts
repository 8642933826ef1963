import { describe, expect, it } from 'vitest';
import { applyChanges } from '../../../src/image/change/change.ts';
import type { ImageRunConfig } from '../../../src/image/types.ts';

const BASE: ImageRunConfig = { Env: ['PATH=/bin', 'HOME=/root'], Cmd: ['/bin/sh'], WorkingDir: '/srv' };

/** What the change adds to or takes from the config that is there. */
function changed(change: string, base = BASE): Partial<ImageRunConfig> {
  const after = applyChanges(base, [change]);
  const keys = new Set([...Object.keys(base), ...Object.keys(after)]) as Set<keyof ImageRunConfig>;
  const differs = [...keys].filter((key) => JSON.stringify(after[key]) !== JSON.stringify(base[key]));
  return Object.fromEntries(differs.map((key) => [key, after[key]]));
}

/** What docker 20.10 makes of the same instructions, unless said. */
const ACCEPTED: [change: string, result: Record<string, unknown>][] = [
  ['CMD ["a","b c"]', { Cmd: ['a', 'b c'] }],
  ['CMD echo hi $HOME', { Cmd: ['/bin/sh', '-c', 'echo hi $HOME'] }],
  ['cmd ["a",', { Cmd: ['/bin/sh', '-c', '["a",'] }],
  ['CMD', { Cmd: ['/bin/sh', '-c'] }],
  ['ENTRYPOINT ["/x"]', { Entrypoint: ['/x'], Cmd: undefined }],
  ['ENTRYPOINT []', {}],
  ['ENTRYPOINT run it', { Entrypoint: ['/bin/sh', '-c', 'run it'], Cmd: undefined }],
  ['ENV A=b C="d e" E=f\\ g', { Env: [...BASE.Env!, 'A=b', 'C=d e', 'E=f g'] }],
  ['ENV A b c', { Env: [...BASE.Env!, 'A=b c'] }],
  ["ENV A='x $y' B=$PATH", { Env: [...BASE.Env!, 'A=x $y', 'B=/bin'] }],
  [
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is docker's
    'ENV X=${UNSET:-def} Y=${HOME:+set} Z="\\"$HOME\\" \\n" W=a\\$b',
    { Env: [...BASE.Env!, 'X=def', 'Y=set', 'Z="/root" \\n', 'W=a$b'] },
  ],
  ['ENV HOME=/', { Env: ['PATH=/bin', 'HOME=/'] }],
  ['ENV A=1\n\n# not this\nENV B=$A', { Env: [...BASE.Env!, 'A=1', 'B=1'] }],
  ['ENV A=1 \\\n B=2', { Env: [...BASE.Env!, 'A=1', 'B=2'] }],
  [
    'EXPOSE 80 90/UDP 100-101',
    { ExposedPorts: { '80/tcp': {}, '90/udp': {}, '100/tcp': {}, '101/tcp': {} } },
  ],
  ['LABEL a=b "c d"="e f" g=h', { Labels: { a: 'b', 'c d': 'e f', g: 'h' } }],
  ['LABEL a some words', { Labels: { a: 'some words' } }],
  ['ONBUILD RUN make $X', { OnBuild: ['RUN make $X'] }],
  ['STOPSIGNAL SIGQUIT', { StopSignal: 'SIGQUIT' }],
  ['USER me:you', { User: 'me:you' }],
  ['VOLUME /a /b', { Volumes: { '/a': {}, '/b': {} } }],
  ['VOLUME ["/a","/b c"]', { Volumes: { '/a': {}, '/b c': {} } }],
  ['WORKDIR /x/y', { WorkingDir: '/x/y' }],
  ['WORKDIR rel/../other', { WorkingDir: '/srv/other' }],
  ['WORKDIR $HOME/x', { WorkingDir: '/root/x' }],
  [
    'HEALTHCHECK --interval=5s --timeout=1m --retries=3 --start-period=2s CMD curl x',
    {
      Healthcheck: {
        Test: ['CMD-SHELL', 'curl x'],
        Interval: 5e9,
        Timeout: 6e10,
        Retries: 3,
        StartPeriod: 2e9,
      },
    },
  ],
  ['HEALTHCHECK CMD ["a","b"]', { Healthcheck: { Test: ['CMD', 'a', 'b'] } }],
  ['HEALTHCHECK NONE', { Healthcheck: { Test: ['NONE'] } }],
];

const REFUSED: [change: string, why: RegExp][] = [
  ['', /no instruction/],
  ['# comment', /no instruction/],
  ['RUN x', /it can be CMD, ENTRYPOINT/],
  ['COPY a b', /it can be/],
  ['constructor x', /it can be/],
  ['ENV A', /a name and a value/],
  ['ENV A=1 B', /B is not of the form/],
  ['ENV =x', /a name is empty/],
  ['ENV A="unterminated', /closing "/],
  ['ENV A=${x', /in the braces/],
  ['LABEL', /a name and a value/],
  ['EXPOSE 99999', /not a port/],
  ['EXPOSE 90-80', /not a port/],
  ['EXPOSE x', /not a port/],
  ['EXPOSE', /at least one/],
  ['ONBUILD FROM x', /not for those/],
  ['ONBUILD ONBUILD RUN x', /not for those/],
  ['ONBUILD', /needs an instruction/],
  ['STOPSIGNAL no such', /not a signal/],
  ['USER', /one argument/],
  ['VOLUME', /at least one/],
  ['WORKDIR', /one argument/],
  ['HEALTHCHECK', /NONE, or CMD/],
  ['HEALTHCHECK NONE x', /NONE, or CMD/],
  ['HEALTHCHECK --interval=5 CMD a', /such as 30s/],
  ['HEALTHCHECK --retries=x CMD a', /a number/],
  ['HEALTHCHECK --bad=5 CMD a', /no option --bad/],
];

describe('applyChanges', () => {
  it.each(ACCEPTED)('%s', (change, result) => {
    expect(changed(change)).toEqual(result);
  });

  it.each(REFUSED)('refuses %s', (change, why) => {
    expect(() => applyChanges(BASE, [change])).toThrow(
      expect.objectContaining({ code: 'INVALID_CHANGE', message: expect.stringMatching(why) }),
    );
  });

  it('carries them out in order, each on what the ones before left', () => {
    const after = applyChanges({}, [
      'ENV A=1',
      'ENTRYPOINT ["/e"]',
      'CMD ["$A"]',
      'WORKDIR /$A',
      'WORKDIR b',
      'ENTRYPOINT []',
    ]);
    expect(after).toEqual({ Env: ['A=1'], Cmd: ['$A'], WorkingDir: '/1/b' });
  });

  it('leaves what it was given as it is', () => {
    const before = structuredClone(BASE);
    applyChanges(BASE, ['ENV A=1', 'CMD x', 'LABEL a=b']);
    expect(BASE).toEqual(before);
  });
});
