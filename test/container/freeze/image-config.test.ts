import { describe, expect, it } from 'vitest';
import { imageConfigOf } from '../../../src/container/freeze/image-config.ts';
import { planHealth } from '../../../src/container/plan-life.ts';
import type { ContainerConfig } from '../../../src/container/schema.ts';
import type { ImageRunConfig } from '../../../src/image/types.ts';

const IMAGE: ImageRunConfig = {
  Env: ['A=1'],
  Entrypoint: ['/e'],
  Cmd: ['c'],
  Volumes: { '/v': {} },
  OnBuild: ['RUN x'],
};

/** What an image of such a container says. */
function committed(
  own: Partial<ContainerConfig>,
  process: object,
  image: ImageRunConfig = IMAGE,
): ImageRunConfig {
  const base = {
    args: ['/e', 'c'],
    env: ['PATH=/bin', 'HOSTNAME=h', 'A=1'],
    cwd: '/',
    user: '',
    terminal: false,
  };
  const config = { hostname: 'h', labels: {}, entrypointLength: 1, ...own, process: { ...base, ...process } };
  return imageConfigOf(config as unknown as ContainerConfig, image);
}

describe('imageConfigOf', () => {
  it('is the image again where the user has said nothing', () => {
    const env = ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'HOSTNAME=h', 'A=1'];
    expect(committed({}, { env })).toEqual(IMAGE);
  });

  it('leaves out what each container gets anew, and keeps what the user set to the same', () => {
    expect(committed({}, { env: ['PATH=/own', 'HOSTNAME=other', 'TERM=xterm'], terminal: true }).Env).toEqual(
      ['PATH=/own', 'HOSTNAME=other'],
    );
  });

  it('splits the command where the entrypoint ends', () => {
    expect(committed({ entrypointLength: 0 }, { args: ['a', 'b'] })).not.toHaveProperty('Entrypoint');
    expect(committed({ entrypointLength: 2 }, { args: ['a', 'b'] })).toMatchObject({
      Entrypoint: ['a', 'b'],
    });
    expect(committed({ entrypointLength: 2 }, { args: ['a', 'b'] })).not.toHaveProperty('Cmd');
  });

  it('takes health checks over as the image has them, as the user has them, or as none', () => {
    const Healthcheck = { Test: ['CMD', 'true'], Retries: 5 };
    const image = { ...IMAGE, Healthcheck };
    const same = planHealth({}, Healthcheck)!;
    expect(committed({ health: same }, {}, image).Healthcheck).toBe(Healthcheck);
    expect(committed({ health: { ...same, timeout: 1500 } }, {}, image).Healthcheck).toMatchObject({
      Test: ['CMD', 'true'],
      Timeout: 1.5e9,
    });
    expect(committed({}, {}, image).Healthcheck).toEqual({ Test: ['NONE'] });
    expect(committed({}, {})).not.toHaveProperty('Healthcheck');
  });
});
