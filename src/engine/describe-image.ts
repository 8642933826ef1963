import type { Descriptor, Digest, Image, ImageRunConfig } from '../image/types.ts';

/** An image with docker's keys (the Engine API's ImageInspect); `Layers` is gocker's own. */
export interface ImageInspection {
  Id: Digest;
  RepoTags: string[];
  RepoDigests: string[];
  Parent: string;
  Comment: string;
  Created: string;
  DockerVersion: string;
  Author: string;
  Config: Record<string, unknown>;
  Architecture: string;
  Variant?: string;
  Os: string;
  Size: number;
  VirtualSize: number;
  GraphDriver: { Data: null; Name: string };
  RootFS: { Type: 'layers'; Layers: Digest[] };
  Metadata: { LastTagTime: string };
  /** The image's own manifest. */
  Descriptor: { mediaType: string; digest: Digest; size: number };
  Layers: { Digest: Digest; DiffID: Digest; MediaType: string; Size: number }[];
}

/** Go's time of nothing. */
const NEVER = '0001-01-01T00:00:00Z';

/** What nobody says of an image any more, as docker shows it. */
const UNUSED = {
  Hostname: '',
  Domainname: '',
  AttachStdin: false,
  AttachStdout: false,
  AttachStderr: false,
  Tty: false,
  OpenStdin: false,
  StdinOnce: false,
  Image: '',
};

/** Who names an image and keeps it, as it is looked at. */
export interface Standing {
  tags: string[];
  /** `NAME@DIGEST`. */
  digests: string[];
  /** Bytes. */
  size: number;
  /** The storage driver; empty for an image that is not here. */
  driver: string;
}

/** What an image says of itself and what is known of it here, in docker's order. */
export function describeImage(
  { id, manifest, config: own, layers }: Image,
  standing: Standing,
): ImageInspection {
  const { platform, created, author, config, diffIDs, history } = own;
  return {
    Id: id,
    RepoTags: standing.tags,
    RepoDigests: standing.digests,
    Parent: '',
    Comment: history.at(-1)?.comment ?? '',
    Created: created ?? '',
    DockerVersion: '',
    Author: author ?? '',
    Config: describeConfig(config),
    Architecture: platform.architecture,
    ...(platform.variant !== undefined && { Variant: platform.variant }),
    Os: platform.os,
    Size: standing.size,
    VirtualSize: standing.size,
    GraphDriver: { Data: null, Name: standing.driver },
    RootFS: { Type: 'layers', Layers: diffIDs },
    Metadata: { LastTagTime: NEVER },
    Descriptor: describeDescriptor(manifest),
    Layers: layers.map(({ digest, mediaType, size }, index) => ({
      Digest: digest,
      DiffID: diffIDs[index]!,
      MediaType: mediaType,
      Size: size,
    })),
  };
}

/** What is not said is empty, or null where docker has a list. */
function describeConfig(config: ImageRunConfig): Record<string, unknown> {
  const lists = { Env: null, Cmd: null, Volumes: null, Entrypoint: null, OnBuild: null, Labels: null };
  return { ...UNUSED, User: '', WorkingDir: '', ...lists, ...config };
}

function describeDescriptor({ mediaType, digest, size }: Descriptor): ImageInspection['Descriptor'] {
  return { mediaType, digest, size };
}
