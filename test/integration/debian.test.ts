/** A whole distribution, seen from inside: what `ls` and the programs of the image say of it. */
import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { image, integration, useGocker } from './helpers.ts';

integration('in a container of Debian', () => {
  const gocker = useGocker();
  const debian = image('debian:1');
  const run = (...command: string[]) => gocker(['run', '--rm', '--network', 'none', debian, ...command]);

  beforeAll(async () => {
    expect((await gocker(['pull', '-q', debian])).code).toBe(0);
  }, 120_000);

  test('the root is listed with its modes, owners and links, and says which Debian it is', async () => {
    const { code, stdout } = await run('sh', '-c', 'ls -la / /tmp /usr/bin/passwd; cat /etc/os-release');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^-rwsr-xr-x +1 root root +\d+ .* \/usr\/bin\/passwd$/m);
    expect(stdout).toMatch(/^drwxrwxrwt +\d+ root root .* tmp$/m);
    expect(stdout).toMatch(/^drwx------ +\d+ root root .* root$/m);
    expect(stdout).toMatch(/^lrwxrwxrwx +1 root root +\d+ .* bin -> usr\/bin$/m);
    expect(stdout).toMatch(/^dr-xr-xr-x +\d+ root root .* proc$/m);
    const codename = /VERSION_CODENAME=(\w+)/.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
    expect(stdout).toContain(`VERSION_CODENAME=${codename}`);
  });

  test('odd entries are there as the layers have them', async () => {
    const { stdout } = await run('sh', '-c', 'cd /opt/odd && stat -c "%n %A %U %u:%g %h %N" *');
    expect(stdout).toMatch(/^setuid-setgid -rwsr-sr-x root 0:0 1 /m);
    expect(stdout).toMatch(/^unreadable ---------- root 0:0 1 /m);
    expect(stdout).toMatch(/^first -rw-r--r-- root 0:0 2 /m);
    expect(stdout).toMatch(/^second -rw-r--r-- root 0:0 2 /m);
    expect(stdout).toMatch(/^fifo prw-r----- \w+ 1234:5678 1 /m);
    expect(stdout).toMatch(/^absolute lrwxrwxrwx \w+ 1234:5678 1 'absolute' -> '\/opt\/odd\/first'$/m);
  });

  test('a setuid program reads for another user what that user may not', async () => {
    const asNobody = (...command: string[]) =>
      gocker(['run', '--rm', '--network', 'none', '-u', 'nobody', debian, ...command]);
    const denied = await asNobody('cat', '/etc/shadow');
    expect(denied).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('Permission denied'),
    });
    const status = await asNobody('passwd', '--status');
    expect(status).toMatchObject({ code: 0, stdout: expect.stringMatching(/^nobody L /) });
  });

  test('its package manager misses only what a later layer took away', async () => {
    const { stdout } = await run('dpkg', '--verify', 'bash', 'coreutils', 'passwd');
    const lines = stdout.split('\n').filter(Boolean);
    expect(lines.filter((line) => !line.startsWith('missing     /usr/share/doc'))).toEqual([]);
    expect(lines).not.toEqual([]);
  });
});
