import { constants } from 'node:os';

/** The kernel lets nobody hear these (signal(7)). */
const UNHEARD = ['SIGKILL', 'SIGSTOP'];

/** About gocker's own children, pipes and V8's profiler; docker keeps these, too. */
const OWN = ['SIGCHLD', 'SIGPIPE', 'SIGURG', 'SIGPROF'];

/**
 * A fault of gocker's own would never end once somebody listens (Node, "Signal events"), and a log that grows beyond its
 * limit is no business of the program's.
 */
const FAULTS = ['SIGILL', 'SIGBUS', 'SIGFPE', 'SIGSEGV', 'SIGXFSZ'];

/** With a terminal these are the shell's and the window's. */
const OF_TERMINAL = ['SIGTSTP', 'SIGTTIN', 'SIGTTOU', 'SIGWINCH'];

/** Other names for SIGABRT and SIGIO. */
const ALIASES = ['SIGIOT', 'SIGPOLL'];

/** What a foreground program is told of: all signals that have a meaning for it and are not gocker's own. */
export function forwardedSignals(hasTerminal: boolean): NodeJS.Signals[] {
  const kept = new Set([...UNHEARD, ...OWN, ...FAULTS, ...ALIASES, ...(hasTerminal ? OF_TERMINAL : [])]);
  return (Object.keys(constants.signals) as NodeJS.Signals[]).filter((name) => !kept.has(name));
}
