import type { LayerPhase, LayerPull } from './types.ts';

/** Tells whoever watches how far a layer is; `current` is all or nothing of it when absent. */
export function report(pull: LayerPull, at: number, phase: LayerPhase, current?: number): void {
  const { digest, size } = pull.layers[at]!;
  const whole = phase === 'done' || phase === 'exists' ? size : 0;
  pull.onProgress?.({ digest, phase, current: current ?? whole, total: size });
}
