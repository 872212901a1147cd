// What is no CloudEvent 1.0, in words for whoever sent it.

/** `status` as an ingress answers it: 415 for a coding that nobody here undoes, 400 for everything else. */
export class InvalidEvent extends Error {
  readonly status: 400 | 415;

  constructor(message: string, options: { cause?: unknown; status?: 400 | 415 } = {}) {
    super(message, { cause: options.cause });
    this.status = options.status ?? 400;
  }
}
