import { GockerError } from '../errors.ts';

/** A layer that cannot be unpacked because of what is in it. */
export class InvalidLayerError extends GockerError {
  constructor(message: string, hint = "the layer is malformed; ask the image's publisher for a correct one") {
    super('INVALID_LAYER', message, { hint });
  }
}
