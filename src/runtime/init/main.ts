/**
 * Init: the Node program that becomes the container's program. It starts in the container's PID namespace and in all the
 * host's others, gets one request, uses synchronous calls on the main thread only, and ends with execve(2).
 */
import { PR } from '../../../native/constants.ts';
import { createSyscalls, resolveCalls } from '../../../native/index.ts';
import { because, reasonOf } from '../../../native/observer.ts';
import { EXIT } from '../../errors.ts';
import { failureReport, openChannel } from './channel.ts';
import { execInContainer } from './exec.ts';
import { closeInheritedFiles } from './inherited-files.ts';
import { runContainer } from './run.ts';

const syscalls = createSyscalls();
const channel = openChannel(syscalls);
try {
  because('not to be looked into by what runs in the container', () => syscalls.prctl(PR.SET_DUMPABLE, 0));
  closeInheritedFiles(syscalls);
  resolveCalls();
  const request = channel.request();
  if (request.kind === 'run') runContainer(syscalls, request, channel);
  else execInContainer(syscalls, request, channel);
} catch (error) {
  channel.report(failureReport(error, reasonOf(error)));
  syscalls._exit(EXIT.ENGINE);
}
