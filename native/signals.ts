import { bind } from './bind.ts';
import { memory, number } from './words.ts';

const setDisposition = bind({ name: 'signal', parameters: [number, memory] });
const setMask = bind({ name: 'sigprocmask', parameters: [number, memory, memory] });

const SIG_DFL = null;
const SIG_SETMASK = 2;
const SIGKILL = 9;
const SIGSTOP = 19;
/** libc keeps 32 and 33 for itself and refuses them (nptl(7)). */
const UNSETTABLE = new Set([SIGKILL, SIGSTOP, 32, 33]);
const LAST_SIGNAL = 64;

/** signal(7): every disposition to SIG_DFL, nothing blocked; what execve(2) would otherwise hand on to the program. */
export function resetSignals(): void {
  for (let signal = 1; signal <= LAST_SIGNAL; signal++) {
    if (!UNSETTABLE.has(signal)) setDisposition(signal, SIG_DFL);
  }
  setMask(SIG_SETMASK, Buffer.alloc(128), null);
}
