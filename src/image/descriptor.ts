import * as v from 'valibot';
import { isDigest, parseDigest } from './digest.ts';
import { nullFree, recordOf } from './json.ts';
import { printable } from './printable.ts';

/** RFC 6838 section 4.2, the form that OCI's descriptor.md asks of a media type. */
const MEDIA_TYPE_FORM = /^[A-Za-z0-9][\w!#$&^.+-]{0,126}\/[A-Za-z0-9][\w!#$&^.+-]{0,126}$/;

export const mediaTypeSchema = v.pipe(v.string(), v.regex(MEDIA_TYPE_FORM, 'not a media type'));

export const digestSchema = v.pipe(
  v.string(),
  v.check(
    isDigest,
    (issue) => `invalid digest "${printable(issue.input, 90)}", expected sha256: and 64 hex digits`,
  ),
  v.transform(parseDigest),
);

/** Bytes; a whole number that JavaScript counts exactly. */
const sizeSchema = v.pipe(
  v.number(),
  v.safeInteger('not a whole number of bytes'),
  v.minValue(0, 'negative size'),
);

export const annotationsSchema = recordOf(v.string(), v.string());

/** Lower-case words such as `linux`, `amd64`, `v8`; empty where a builder had nothing to say. */
const platformWord = v.pipe(v.string(), v.regex(/^[\w.+-]{1,64}$/, 'not a platform word'));

/** The fields of a platform; an image config has them at its top level. */
export const platformEntries = {
  os: platformWord,
  architecture: platformWord,
  variant: v.exactOptional(v.union([v.literal(''), platformWord])),
};

const platformSchema = nullFree(platformEntries);

/** OCI descriptor.md; `urls` and `data` are never followed or used. */
export const descriptorSchema = nullFree({
  mediaType: mediaTypeSchema,
  digest: digestSchema,
  size: sizeSchema,
  platform: v.exactOptional(v.pipe(platformSchema, v.transform(dropEmptyVariant))),
  annotations: v.exactOptional(annotationsSchema),
});

/** An empty variant says as much as none. */
export function dropEmptyVariant({ os, architecture, variant }: v.InferOutput<typeof platformSchema>) {
  return variant ? { os, architecture, variant } : { os, architecture };
}
