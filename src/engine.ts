/** gocker from a program: the use-cases behind the commands. */
import type { CreateRequest } from './container/create.ts';
import { type ExecRequest, execInContainer } from './container/exec.ts';
import type { MountRequest } from './container/plan/schema.ts';
import type { CreateOptions } from './container/plan.ts';
import { type RemoveOptions, removeContainer } from './container/remove.ts';
import { type RunningContainer, runContainer } from './container/run.ts';
import type { Container } from './container/schema.ts';
import { createOnly, runAttached, runDetached } from './container/start.ts';
import { type Archives, archives } from './engine/archives.ts';
import { type Changing, changing } from './engine/changing.ts';
import type { CommitOptions } from './engine/commit/commit.ts';
import type { ForkOptions } from './engine/commit/fork.ts';
import type { ImageInspection } from './engine/describe-image.ts';
import { type HistoryEntry, historyOf, type ImageTree, treeOf } from './engine/image-history.ts';
import { holdImages, type ImageOptions, pull } from './engine/image-to-run.ts';
import {
  type ImageSummary,
  inspectImage,
  type LayerSummary,
  layersOf,
  type RemovedImage,
  removeOne,
  summarise,
} from './engine/images.ts';
import { type EngineInfo, readInfo } from './engine/info.ts';
import { type Keeping, keeping } from './engine/keeping.ts';
import { createLifecycle, type Lifecycle } from './engine/lifecycle.ts';
import type { LoginRequest, LoginResult, LogoutResult } from './engine/login.ts';
import { type Looking, looking } from './engine/looking.ts';
import { createNetworks, type Networks } from './engine/networks.ts';
import { type EngineOptions, openParts, type Parts } from './engine/parts.ts';
import type { PulledImage, PullOptions } from './engine/pull.ts';
import type { PushedImage, PushOptions } from './engine/push.ts';
import type { RemoteInspection } from './engine/remote.ts';
import { makeRaw } from './engine/terminal.ts';
import { type Volumes, volumesOf } from './engine/volumes.ts';
import type { Image } from './image/types.ts';
import type { FurtherProcess, Streams } from './runtime/types.ts';
import { tagImage, untagImage } from './store/names.ts';

export type { ExecRequest } from './container/exec.ts';
export type { LogEntry, LogOptions } from './container/logs/read.ts';
export type { EndpointOptions, NetworkOptions } from './container/plan/networks.ts';
export type { MountRequest } from './container/plan/schema.ts';
export type { SettingsOptions } from './container/plan/settings.ts';
export type { CreateOptions, ProcessOptions } from './container/plan.ts';
export type { RunningContainer } from './container/run.ts';
export type { Container, PortBinding } from './container/schema.ts';
export type { AttachRequest } from './container/start.ts';
export type { Stats } from './container/stats.ts';
export type { StopOptions } from './container/stop.ts';
export type { VolumeSummary } from './container/volumes/list.ts';
export type {
  ArchiveInput,
  ArchiveOutput,
  ImportOptions,
  LoadResult,
  SaveOptions,
  SaveTarget,
} from './engine/archives.ts';
export type { CommitOptions } from './engine/commit/commit.ts';
export type { ForkOptions } from './engine/commit/fork.ts';
export type { ImageInspection } from './engine/describe-image.ts';
export type { HistoryEntry, ImageTree, TreeLayer } from './engine/image-history.ts';
export type { ImageSummary, LayerSummary, RemovedImage } from './engine/images.ts';
export type { EngineInfo } from './engine/info.ts';
export type {
  Category,
  DiskUsage,
  PrunedImages,
  PrunedSystem,
  PruneOptions,
  VerifiedPart,
  VerifyOptions,
} from './engine/keeping.ts';
export type { LoginRequest, LoginResult, LogoutResult } from './engine/login.ts';
export type { ContainerInspection, ContainerSummary, ListOptions } from './engine/looking.ts';
export type { NetworkInspection, NetworkSummary } from './engine/networks.ts';
export type { EngineOptions } from './engine/parts.ts';
export type { LayerProgress, Origins, PulledImage, PullObserver, PullOptions, Share } from './engine/pull.ts';
export type { BlobProgress, PushedImage, PushObserver, PushOptions } from './engine/push.ts';
export type { RemoteInspection } from './engine/remote.ts';
export type { VolumeInspection } from './engine/volumes.ts';
export type { CreateNetworkOptions } from './network/create.ts';

/** How to run an image: where it comes from, and how its container is made. */
export interface RunOptions extends CreateOptions, ImageOptions {
  /** A monitor looks after it, so that the program lives on when this process ends. */
  leavable?: boolean;
}

/** Everything rejects with a GockerError when it is about the request and not about gocker. */
export interface Engine extends Lifecycle, Looking, Changing, Keeping, Archives, Volumes, Networks {
  /** Downloads an image, or finds that what is here is what the registry has. */
  pull(image: string, options?: PullOptions): Promise<PulledImage>;
  /** Uploads an image to the registry that its name tells; several with `allTags`. */
  push(image: string, options?: PushOptions): Promise<PushedImage[]>;
  /** All names of all images, newest image first; only those of `NAME` or `NAME:TAG` when one is given. */
  listImages(name?: string): Promise<ImageSummary[]>;
  /** Bottom first. */
  listLayers(image: string): Promise<LayerSummary[]>;
  inspectImage(image: string, options?: { platform?: string | undefined }): Promise<ImageInspection>;
  /** The steps of an image's making, the last one first. */
  imageHistory(image: string): Promise<HistoryEntry[]>;
  /** The layers of an image, and who shares them. */
  imageTree(image: string): Promise<ImageTree>;
  /** The same as `inspectImage` of an image in its registry, which is not pulled. */
  inspectRemote(image: string, options?: { platform?: string | undefined }): Promise<RemoteInspection>;
  /** The tags that a registry has of a repository, as people would order them. */
  listTags(name: string): Promise<{ repository: string; tags: string[] }>;
  removeImage(image: string, options?: { force?: boolean }): Promise<RemovedImage>;
  /** Gives an image a further name. */
  tagImage(image: string, name: string): Promise<void>;
  /** Takes names away from an image, all of them when none is given; the image stays. */
  untagImage(image: string, names?: readonly string[]): Promise<void>;
  /** Starts a program in a new container; the image is pulled as `pull` says. This process is its supervisor. */
  run(options: RunOptions, streams: Streams): Promise<RunningContainer>;
  /** The same under a monitor, which outlives this process; resolves when the program runs. */
  runDetached(options: RunOptions): Promise<Container>;
  /** Makes a container that `start` starts. */
  create(options: RunOptions): Promise<Container>;
  /** Makes an image of a container as it is; its ID. */
  commitContainer(container: string, options?: CommitOptions): Promise<string>;
  /** Makes new containers that are as another one is now; their IDs. */
  forkContainer(container: string, options?: ForkOptions): Promise<string[]>;
  /** Starts a further program in a running container. */
  exec(request: ExecRequest, streams: Streams): Promise<FurtherProcess>;
  removeContainer(container: string, options?: RemoveOptions): Promise<void>;
  info(): Promise<EngineInfo>;
  /** Shows a login to a registry (Docker Hub when none is named) and keeps it where docker does. */
  login(request: LoginRequest): Promise<LoginResult>;
  /** Forgets the login of a registry. */
  logout(registry?: string): Promise<LogoutResult>;
  /** Puts a terminal of the caller's into raw mode; the returned function gives it back. */
  makeRaw(fd: number): () => void;
}

/** Opens nothing yet: what a use-case needs is opened when it is called. */
export function createEngine(options: EngineOptions = {}): Engine {
  const parts = openParts(options);
  const { containers } = parts;
  // Opening the store is what refuses a root of another version.
  const ready = async () => {
    await parts.store();
    return containers;
  };
  return {
    pull: (image, pullOptions = {}) => pull(parts, image, pullOptions),
    push: async (image, pushOptions = {}) =>
      (await import('./engine/push.ts')).push(parts, image, pushOptions),
    listImages: (name) => summarise(parts, name),
    listLayers: (image) => layersOf(parts, image),
    inspectImage: (image, { platform } = {}) => inspectImage(parts, image, platform),
    imageHistory: (image) => historyOf(parts, image),
    imageTree: (image) => treeOf(parts, image),
    inspectRemote: async (image, remote = {}) =>
      (await import('./engine/remote.ts')).inspectRemote(parts, image, remote),
    listTags: async (name) => (await import('./engine/remote.ts')).tagsOf(parts, name),
    removeImage: (image, { force = false } = {}) => removeOne(parts, image, { force }),
    tagImage: async (image, name) => tagImage(await parts.store(), image, name),
    untagImage: async (image, names = []) => untagImage(await parts.store(), image, names),
    ...createLifecycle(ready),
    run: (request, streams) => run(parts, request, streams),
    runDetached: async (request) => runDetached(containers, await requestFor(parts, request)),
    create: async (request) => createOnly(containers, await requestFor(parts, request)),
    commitContainer: async (container, commitOptions = {}) =>
      (await import('./engine/commit/commit.ts')).commitContainer(parts, container, commitOptions),
    forkContainer: async (container, forkOptions = {}) =>
      (await import('./engine/commit/fork.ts')).forkContainer(parts, container, forkOptions),
    exec: async (request, streams) => execInContainer(await ready(), request, streams),
    ...looking(parts, ready),
    ...changing(ready),
    ...keeping(parts),
    ...createNetworks(async () => ({ containers: await ready(), networks: parts.networks })),
    ...archives(parts, ready),
    ...volumesOf(ready),
    removeContainer: async (text, removal) => removeContainer(await ready(), text, removal),
    info: () => readInfo(parts),
    login: async (request) => (await import('./engine/login.ts')).loginTo(parts, request),
    logout: async (registry) => (await import('./engine/login.ts')).logoutFrom(parts, registry),
    makeRaw: (fd) => makeRaw(parts.syscalls, fd),
  };
}

async function run(parts: Parts, options: RunOptions, streams: Streams): Promise<RunningContainer> {
  const { containers } = parts;
  const { size, onStarting } = options;
  // Init boots while the image is looked up.
  if (!outlivesUs(options)) containers.runtime.warm();
  const request = await requestFor(parts, options);
  return outlivesUs(options)
    ? await runAttached(containers, request, {
        streams,
        ...(size ? { size } : {}),
        ...(onStarting ? { onStarting } : {}),
      })
    : await runContainer(containers, request, streams);
}

/** Such a container outlives the process that has made it. */
function outlivesUs({ restart, leavable }: RunOptions): boolean {
  return leavable === true || (restart !== undefined && restart.policy !== 'no');
}

async function requestFor(parts: Parts, options: RunOptions): Promise<CreateRequest> {
  const { mounts = [], image: reference } = options;
  const mounted = mounts.flatMap(({ type, source }) => (type === 'image' ? [source!] : []));
  const { images, release } = await holdImages(parts, options, mounted);
  const [image, ...others] = images;
  const withImages = mounts.map((mount) =>
    mount.type === 'image' ? withImage(mount, others.shift()!) : mount,
  );
  const storageDriver = await parts.storageDriver();
  return { options: { ...options, mounts: withImages }, image: image!, reference, storageDriver, release };
}

/** A mount of an image says which one that is now. */
function withImage(mount: MountRequest, { id, chainIDs }: Image): MountRequest {
  const chainID = chainIDs.at(-1);
  return {
    ...mount,
    image: { reference: mount.source!, id, ...(chainID === undefined ? {} : { chainID }) },
  };
}
