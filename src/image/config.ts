import * as v from 'valibot';
import { GockerError } from '../errors.ts';
import { digestSchema, dropEmptyVariant, platformEntries } from './descriptor.ts';
import { check, nullFree, parseJSON, recordOf } from './json.ts';
import { MAX_LAYERS } from './manifest.ts';
import type { ImageConfig, ImageRunConfig, Manifest } from './types.ts';

/** What ends in argv, the environment or a path: C strings, which end at NUL. */
const cString = v.pipe(
  v.string(),
  v.check((text) => !text.includes('\0'), 'it has a NUL character'),
);
const cStrings = v.array(cString);
const oneLine = v.pipe(cString, v.regex(/^[^\r\n]*$/, 'it has a line break'));
const time = v.pipe(
  v.string(),
  v.regex(/^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/, 'not an RFC 3339 time'),
);
const envEntry = v.pipe(cString, v.regex(/^[^=]+=/, 'not of the form NAME=VALUE'));
const exposedPort = v.pipe(
  v.string(),
  v.check(isExposedPort, 'not of the form PORT/tcp, PORT/udp or PORT/sctp'),
);

const healthcheckSchema = nullFree({
  Test: v.exactOptional(cStrings),
  Interval: v.exactOptional(v.number()),
  Timeout: v.exactOptional(v.number()),
  StartPeriod: v.exactOptional(v.number()),
  StartInterval: v.exactOptional(v.number()),
  Retries: v.exactOptional(v.number()),
});

const runConfigSchema = nullFree({
  User: v.exactOptional(oneLine),
  Env: v.exactOptional(v.array(envEntry)),
  Entrypoint: v.exactOptional(cStrings),
  Cmd: v.exactOptional(cStrings),
  WorkingDir: v.exactOptional(cString),
  StopSignal: v.exactOptional(v.pipe(v.string(), v.regex(/^[\w+-]{0,20}$/, 'not a signal'))),
  ExposedPorts: v.exactOptional(recordOf(exposedPort, v.unknown())),
  Volumes: v.exactOptional(recordOf(cString, v.unknown())),
  Labels: v.exactOptional(recordOf(v.string(), v.string())),
  Healthcheck: v.exactOptional(healthcheckSchema),
  OnBuild: v.exactOptional(v.array(v.string())),
});

const historySchema = nullFree({
  created: v.exactOptional(time),
  created_by: v.exactOptional(v.string()),
  comment: v.exactOptional(v.string()),
  empty_layer: v.exactOptional(v.boolean()),
});

const rootfsSchema = nullFree({
  type: v.literal('layers'),
  diff_ids: v.exactOptional(
    v.pipe(v.array(digestSchema), v.maxLength(MAX_LAYERS, `more than ${MAX_LAYERS} layers`)),
    [],
  ),
});

const imageConfigSchema = nullFree({
  ...platformEntries,
  created: v.exactOptional(time),
  author: v.exactOptional(v.string()),
  config: v.exactOptional(runConfigSchema),
  rootfs: rootfsSchema,
  history: v.exactOptional(v.array(historySchema), []),
});

/**
 * The image config in `bytes` (OCI config.md; docker writes the same). `null` is read as absent, as docker writes it
 * for empty fields; anything else of a wrong type is refused. Throws INVALID_JSON or INVALID_CONFIG.
 */
export function parseImageConfig(bytes: Uint8Array): ImageConfig {
  const wire = check(imageConfigSchema, parseJSON(bytes, 'image config'), {
    code: 'INVALID_CONFIG',
    what: 'image config',
    hint: 'the image is malformed; ask its publisher for a correct one',
  });
  return {
    platform: dropEmptyVariant(wire),
    ...(wire.created !== undefined && { created: wire.created }),
    ...(wire.author !== undefined && { author: wire.author }),
    config: (wire.config ?? {}) satisfies ImageRunConfig,
    diffIDs: wire.rootfs.diff_ids,
    history: wire.history,
  };
}

/** Throws INVALID_CONFIG unless the config names exactly one diffID per layer of the manifest. */
export function checkLayerCount(config: ImageConfig, manifest: Manifest): void {
  const [diffIDs, layers] = [config.diffIDs.length, manifest.layers.length];
  if (diffIDs === layers) return;
  throw new GockerError(
    'INVALID_CONFIG',
    `image config: it names ${diffIDs} diffIDs but the manifest has ${layers} layers`,
    { hint: 'the image is malformed; ask its publisher for a correct one' },
  );
}

/** `80`, `80/tcp`, `8000-8010/udp`, as docker's EXPOSE writes them. */
function isExposedPort(text: string): boolean {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(?:tcp|udp|sctp))?$/i.exec(text);
  return match !== null && [match[1], match[2] ?? match[1]].every((port) => Number(port) <= 65535);
}
