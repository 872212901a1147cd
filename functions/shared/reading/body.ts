// Reads a request body within its limit, before the framework could read it without one.
import type { IncomingMessage } from 'node:http';
import { isPlain } from '../../../eventing/events/carried-event.ts';
import { Refusal } from '../contract/errors.ts';

/** Commands are a few hundred bytes; an event with its entries a few thousand. */
export const bodyBytesMax = 64 * 1024;
/** An answer sent while the client still writes is often lost, so this much more is read and thrown away first. */
const discardBytesMax = 8 * 1024 * 1024;
const discardMsMax = 3_000;

const empty = Buffer.alloc(0);

/** The client went away before its body was complete: there is nobody to answer. */
export class ClientGone extends Error {}

/**
 * The raw body, empty when there is none. Throws 413 above the limit (chunked bodies are counted as they arrive) and 415 for
 * compressed bodies, which could grow a thousandfold.
 */
export async function readBody(request: IncomingMessage, bytesMax = bodyBytesMax): Promise<Buffer> {
  const { 'content-length': length, 'transfer-encoding': transferEncoding } = request.headers;
  if (length === undefined && transferEncoding === undefined) return empty;

  const isCompressed = !isPlain(request.headers);
  if (isCompressed || Number(length ?? 0) > bytesMax) {
    await discard(request);
    throw isCompressed
      ? new Refusal(
          'unsupported_content_encoding',
          415,
          'send the body without content-encoding, and without compressing its transfer',
          {
            headers: { 'accept-encoding': 'identity', connection: 'close' },
          },
        )
      : tooLarge(bytesMax);
  }
  const body = await collect(request, bytesMax);
  if (body) return body;
  await discard(request);
  throw tooLarge(bytesMax);
}

/** Resolves with undefined as soon as the body is over the limit. */
function collect(request: IncomingMessage, bytesMax: number): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const onData = (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= bytesMax) chunks.push(chunk);
      else {
        request.off('data', onData);
        resolve(undefined);
      }
    };
    request.on('data', onData);
    const onClose = (cause?: unknown) => {
      reject(new ClientGone('the connection closed before the body was complete', { cause }));
    };
    request.once('close', onClose);
    request.once('error', onClose);
    request.once('end', () => {
      // It closes after its end as well, and making an error then, for nobody, would cost more than all of this.
      request.off('close', onClose);
      resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, bytes));
    });
  });
}

function discard(request: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    let bytes = 0;
    const timer = setTimeout(resolve, discardMsMax);
    const done = () => {
      clearTimeout(timer);
      resolve();
    };
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > discardBytesMax) done();
    });
    request.once('end', done);
    request.once('close', done);
    request.once('error', done);
    request.resume();
  });
}

function tooLarge(bytesMax: number): Refusal {
  return new Refusal('body_too_large', 413, `the body is larger than ${bytesMax} bytes`, {
    headers: { connection: 'close' },
  });
}
