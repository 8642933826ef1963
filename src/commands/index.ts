/** Every command by its id: docker's short forms, and the families they belong to. */
import type { Command } from '@oclif/core/command';
import ContainerDiff from './container/diff.ts';
import ContainerExec from './container/exec.ts';
import ContainerInspect from './container/inspect.ts';
import ContainerLs from './container/ls.ts';
import ContainerPause from './container/pause.ts';
import ContainerPort from './container/port.ts';
import ContainerPrune from './container/prune.ts';
import ContainerRename from './container/rename.ts';
import ContainerRm from './container/rm.ts';
import ContainerRun from './container/run.ts';
import ContainerStats from './container/stats.ts';
import ContainerTop from './container/top.ts';
import ContainerUnpause from './container/unpause.ts';
import ContainerUpdate from './container/update.ts';
import ImageInspect from './image/inspect.ts';
import ImageLayers from './image/layers.ts';
import ImageLs from './image/ls.ts';
import ImagePull from './image/pull.ts';
import ImagePush from './image/push.ts';
import ImageRm from './image/rm.ts';
import ImageTag from './image/tag.ts';
import ImageUntag from './image/untag.ts';
import RegistryLogin from './registry/login.ts';
import RegistryLogout from './registry/logout.ts';
import SystemInfo from './system/info.ts';
import SystemInspect from './system/inspect.ts';
import SystemVersion from './system/version.ts';

/** The same command under another id: oclif writes the id on the class, so each needs its own. */
function also(command: Command.Class): Command.Class {
  abstract class Same extends (command as unknown as typeof Command) {}
  return Same as unknown as Command.Class;
}

export const commands: Record<string, Command.Class> = {
  'container:exec': also(ContainerExec),
  'container:inspect': ContainerInspect,
  'container:ls': also(ContainerLs),
  'container:rm': also(ContainerRm),
  'container:run': also(ContainerRun),
  'container:diff': also(ContainerDiff),
  diff: ContainerDiff,
  'container:pause': also(ContainerPause),
  pause: ContainerPause,
  'container:port': also(ContainerPort),
  port: ContainerPort,
  'container:prune': ContainerPrune,
  'container:rename': also(ContainerRename),
  rename: ContainerRename,
  'container:stats': also(ContainerStats),
  stats: ContainerStats,
  'container:top': also(ContainerTop),
  top: ContainerTop,
  'container:unpause': also(ContainerUnpause),
  unpause: ContainerUnpause,
  'container:update': also(ContainerUpdate),
  update: ContainerUpdate,
  exec: ContainerExec,
  'image:inspect': ImageInspect,
  'image:layers': ImageLayers,
  'image:ls': also(ImageLs),
  'image:pull': also(ImagePull),
  'image:push': also(ImagePush),
  'image:rm': also(ImageRm),
  'image:tag': also(ImageTag),
  'image:untag': also(ImageUntag),
  images: ImageLs,
  info: SystemInfo,
  inspect: SystemInspect,
  login: RegistryLogin,
  logout: RegistryLogout,
  ps: ContainerLs,
  pull: ImagePull,
  push: ImagePush,
  rm: ContainerRm,
  rmi: ImageRm,
  run: ContainerRun,
  tag: ImageTag,
  untag: ImageUntag,
  version: SystemVersion,
};
