/** How fast something goes on, over its last few seconds. */
export interface Meter {
  /** So many bytes are through now. */
  note(bytes: number): void;
  /** Bytes a second; undefined until there is enough to tell. */
  rate(): number | undefined;
}

/** Milliseconds: what counts; how far apart what is remembered is; what is too short to tell. */
const WINDOW = 5000;
const STEP = 250;
const LEAST = 500;

/** `now`: the time in ms. */
export function createMeter(now: () => number = () => performance.now()): Meter {
  let samples: { time: number; bytes: number }[] = [];
  let latest = 0;
  return {
    note(bytes) {
      // It has begun again.
      if (bytes < latest) samples = [];
      latest = bytes;
      const time = now();
      if (time - (samples.at(-1)?.time ?? Number.NEGATIVE_INFINITY) >= STEP) samples.push({ time, bytes });
      while (samples.length > 2 && time - samples[1]!.time > WINDOW) samples.shift();
    },
    rate() {
      const [first] = samples;
      const elapsed = first === undefined ? 0 : now() - first.time;
      return elapsed < LEAST ? undefined : ((latest - first!.bytes) / elapsed) * 1000;
    },
  };
}

/** `12s`, `3m05s`, `2h04m`. */
export function formatRemaining(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole}s`;
  const [unit, big, small] = whole < 3600 ? [60, 'm', 's'] : [3600, 'h', 'm'];
  const rest = Math.floor((whole % unit) / (unit / 60));
  return `${Math.floor(whole / unit)}${big}${String(rest).padStart(2, '0')}${small}`;
}
