import { GockerError } from '../errors.ts';

/** A layer that cannot be unpacked because of what is in it. */
export class InvalidLayerError extends GockerError {
  static override readonly kind: string = 'InvalidLayerError';

  constructor(message: string, hint = "the layer is malformed; ask the image's publisher for a correct one") {
    super('INVALID_LAYER', message, { hint });
  }
}
