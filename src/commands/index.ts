/** Every command by its id: docker's short forms, and the families they belong to. */
import type { Command } from '@oclif/core/command';
import ContainerAttach from './container/attach.ts';
import ContainerCommit from './container/commit.ts';
import ContainerCp from './container/cp.ts';
import ContainerCreate from './container/create.ts';
import ContainerDiff from './container/diff.ts';
import ContainerExec from './container/exec.ts';
import ContainerExport from './container/export.ts';
import ContainerFork from './container/fork.ts';
import ContainerInspect from './container/inspect.ts';
import ContainerKill from './container/kill.ts';
import ContainerLogs from './container/logs.ts';
import ContainerLs from './container/ls.ts';
import ContainerPause from './container/pause.ts';
import ContainerPort from './container/port.ts';
import ContainerPrune from './container/prune.ts';
import ContainerRename from './container/rename.ts';
import ContainerRestart from './container/restart.ts';
import ContainerRm from './container/rm.ts';
import ContainerRun from './container/run.ts';
import ContainerStart from './container/start.ts';
import ContainerStats from './container/stats.ts';
import ContainerStop from './container/stop.ts';
import ContainerTop from './container/top.ts';
import ContainerUnpause from './container/unpause.ts';
import ContainerUpdate from './container/update.ts';
import ContainerWait from './container/wait.ts';
import ImageHistory from './image/history.ts';
import ImageImport from './image/import.ts';
import ImageInspect from './image/inspect.ts';
import ImageLayers from './image/layers.ts';
import ImageLoad from './image/load.ts';
import ImageLs from './image/ls.ts';
import ImagePrune from './image/prune.ts';
import ImagePull from './image/pull.ts';
import ImagePush from './image/push.ts';
import ImageRm from './image/rm.ts';
import ImageSave from './image/save.ts';
import ImageTag from './image/tag.ts';
import ImageTags from './image/tags.ts';
import ImageTree from './image/tree.ts';
import ImageUntag from './image/untag.ts';
import ImageVerify from './image/verify.ts';
import NetworkConnect from './network/connect.ts';
import NetworkCreate from './network/create.ts';
import NetworkDisconnect from './network/disconnect.ts';
import NetworkInspect from './network/inspect.ts';
import NetworkLs from './network/ls.ts';
import NetworkPrune from './network/prune.ts';
import NetworkRm from './network/rm.ts';
import RegistryLogin from './registry/login.ts';
import RegistryLogout from './registry/logout.ts';
import SystemBoot from './system/boot.ts';
import SystemDf from './system/df.ts';
import SystemEnable from './system/enable.ts';
import SystemInfo from './system/info.ts';
import SystemInspect from './system/inspect.ts';
import SystemPrune from './system/prune.ts';
import SystemVersion from './system/version.ts';
import VolumeCreate from './volume/create.ts';
import VolumeExport from './volume/export.ts';
import VolumeImport from './volume/import.ts';
import VolumeInspect from './volume/inspect.ts';
import VolumeLs from './volume/ls.ts';
import VolumePrune from './volume/prune.ts';
import VolumeRm from './volume/rm.ts';

/** The same command under another id: oclif writes the id on the class, so each needs its own. */
function also(command: Command.Class): Command.Class {
  abstract class Same extends (command as unknown as typeof Command) {}
  return Same as unknown as Command.Class;
}

/** Commands that docker has under their own name and under `container` too. */
const OF_CONTAINERS: Record<string, Command.Class> = {
  attach: ContainerAttach,
  commit: ContainerCommit,
  cp: ContainerCp,
  create: ContainerCreate,
  diff: ContainerDiff,
  exec: ContainerExec,
  export: ContainerExport,
  fork: ContainerFork,
  kill: ContainerKill,
  logs: ContainerLogs,
  pause: ContainerPause,
  port: ContainerPort,
  rename: ContainerRename,
  restart: ContainerRestart,
  rm: ContainerRm,
  run: ContainerRun,
  start: ContainerStart,
  stats: ContainerStats,
  stop: ContainerStop,
  top: ContainerTop,
  unpause: ContainerUnpause,
  update: ContainerUpdate,
  wait: ContainerWait,
};

export const commands: Record<string, Command.Class> = {
  ...OF_CONTAINERS,
  ...Object.fromEntries(
    Object.entries(OF_CONTAINERS).map(([id, command]) => [`container:${id}`, also(command)]),
  ),
  'container:inspect': ContainerInspect,
  'container:ls': also(ContainerLs),
  'container:prune': ContainerPrune,
  'image:history': also(ImageHistory),
  'image:import': also(ImageImport),
  'image:inspect': ImageInspect,
  'image:layers': ImageLayers,
  'image:load': also(ImageLoad),
  'image:ls': also(ImageLs),
  'image:prune': ImagePrune,
  'image:pull': also(ImagePull),
  'image:push': also(ImagePush),
  'image:rm': also(ImageRm),
  'image:save': also(ImageSave),
  'image:tag': also(ImageTag),
  'image:tags': also(ImageTags),
  'image:tree': ImageTree,
  'image:untag': also(ImageUntag),
  'image:verify': ImageVerify,
  history: ImageHistory,
  images: ImageLs,
  import: ImageImport,
  info: SystemInfo,
  inspect: SystemInspect,
  load: ImageLoad,
  login: RegistryLogin,
  logout: RegistryLogout,
  'network:connect': NetworkConnect,
  'network:create': NetworkCreate,
  'network:disconnect': NetworkDisconnect,
  'network:inspect': NetworkInspect,
  'network:ls': NetworkLs,
  'network:prune': NetworkPrune,
  'network:rm': NetworkRm,
  ps: ContainerLs,
  pull: ImagePull,
  push: ImagePush,
  rm: ContainerRm,
  rmi: ImageRm,
  run: ContainerRun,
  save: ImageSave,
  'system:boot': SystemBoot,
  'system:df': SystemDf,
  'system:enable': SystemEnable,
  'system:prune': SystemPrune,
  tag: ImageTag,
  tags: ImageTags,
  untag: ImageUntag,
  version: SystemVersion,
  'volume:create': VolumeCreate,
  'volume:export': VolumeExport,
  'volume:import': VolumeImport,
  'volume:inspect': VolumeInspect,
  'volume:ls': VolumeLs,
  'volume:prune': VolumePrune,
  'volume:rm': VolumeRm,
};
