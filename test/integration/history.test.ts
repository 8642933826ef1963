/** What an image is made of: history, image tree, image inspect. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { archive, busyboxLayer } from '../../scripts/image/busybox.js';
import { addImage, tag } from '../../scripts/image/layout.js';
import { integration, useGocker } from './helpers.ts';

integration('what an image is made of', () => {
  const gocker = useGocker();
  const ok = async (...args: string[]) => {
    const result = await gocker(args);
    expect(result, result.stderr).toMatchObject({ code: 0 });
    return result.stdout;
  };

  beforeAll(async () => {
    const work = mkdtempSync(join(gocker.env.HOME!, 'work-'));
    const base = busyboxLayer('/bin/busybox', work);
    execFileSync('sh', ['-euc', 'mkdir own; echo own > own/file'], { cwd: work });
    const own = archive(join(work, 'own'), join(work, 'own.tar'));
    const platform = { os: 'linux', architecture: process.arch === 'x64' ? 'amd64' : 'arm64' };
    const config = { Cmd: ['sh'], ExposedPorts: { '80/tcp': {} } };
    const layout = join(work, 'layout');
    tag(layout, 'test/base:1', addImage(layout, { layers: [base], platform, config }));
    tag(layout, 'test/top:1', addImage(layout, { layers: [base, own], platform, config }));
    await ok('load', '-q', '-i', layout);
  });

  test('history has docker’s columns, the last step first', async () => {
    expect(await ok('history', 'test/top:1')).toMatch(
      /^IMAGE +CREATED +CREATED BY +SIZE +COMMENT\n[0-9a-f]{12} .*\n<missing> .*\n$/,
    );
    expect(await ok('image', 'history', '-q', '--no-trunc', 'test/top:1')).toMatch(
      /^sha256:[0-9a-f]{64}\n<missing>\n$/,
    );
    const exact = (await ok('history', '--human=false', '--format', '{{.Size}}', 'test/top:1')).split('\n');
    expect(exact[0]).toMatch(/^\d+$/);
    expect(Number(exact[1])).toBeGreaterThan(1_000_000);
    const [row] = (await ok('history', '--format', 'json', 'test/top:1')).split('\n');
    expect(Object.keys(JSON.parse(row!)).sort()).toEqual(
      ['Comment', 'CreatedAt', 'CreatedBy', 'CreatedSince', 'ID', 'Size'].sort(),
    );
    expect(await gocker(['history', 'nosuch'])).toMatchObject({ code: 1 });
  });

  test('image tree says who shares a layer', async () => {
    const text = await ok('image', 'tree', 'test/top:1');
    expect(text).toMatch(
      /^Image ID: [0-9a-f]{12}\nTags: +\[test\/top:1\]\nSize: +[\d.]+MB \(.* no other image\)\nImage Layers\n/,
    );
    expect(text).toMatch(/├── ID: [0-9a-f]{12} Size: +[\d.]+MB Top Layer of: \[test\/base:1\]\n/);
    expect(text).toMatch(/└── ID: [0-9a-f]{12} Size: +[\d.]+k?B Top Layer of: \[test\/top:1\]\n$/);
    const [base] = JSON.parse(await ok('image', 'tree', '--json', 'test/base:1'));
    expect(base).toMatchObject({
      UniqueSize: 0,
      Layers: [{ TopOf: ['test/base:1'], SharedWith: ['test/top:1'], Size: base.Size }],
    });
  });

  test('inspect has docker’s keys, lists that nobody gave among them', async () => {
    const [found] = JSON.parse(await ok('image', 'inspect', 'test/top:1'));
    const keys =
      `Id RepoTags RepoDigests Parent Comment Created DockerVersion Author Config Architecture Os Size VirtualSize
      GraphDriver RootFS Metadata`.split(/\s+/);
    for (const key of keys) expect(found).toHaveProperty(key);
    expect(found).toMatchObject({
      RepoTags: ['test/top:1'],
      Config: {
        Cmd: ['sh'],
        Env: null,
        ExposedPorts: { '80/tcp': {} },
        Volumes: null,
        User: '',
        OnBuild: null,
      },
      GraphDriver: { Name: 'overlayfs', Data: null },
      Descriptor: { digest: expect.stringMatching(/^sha256:/), size: expect.any(Number) },
    });
  });
});
