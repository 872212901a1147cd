// Whether somebody may say this to a function: facts by the signature of their context, questions by a token of the asker, ticks and
// dead letters by the platform's proof. Who verifies: eventing/signing/hearing.ts.
import { isJsonType } from '../../../eventing/events/media-type.ts';
import { Unheard } from '../../../eventing/signing/hearing.ts';
import { KeysUnavailable } from '../../../eventing/signing/keys.ts';
import { Refusal, Unavailable } from '../contract/errors.ts';
import type { Contract } from '../contract/function.ts';
import type { IncomingEvent } from '../handler/event.ts';
import type { ReadEvent } from '../reading/event.ts';
import { parseJson } from '../reading/json.ts';
import type { BoundFunction } from './bind-routes.ts';
import type { Exchange } from './exchange.ts';

/** Answered as it is also to what delivers events: it is no event of theirs, and trying again changes nothing. */
export class NotYours extends Refusal {
  constructor(detail: string, cause: Unheard) {
    const headers = { 'www-authenticate': 'Bearer realm="microbank"' };
    super('unauthenticated', 401, detail, { headers, cause });
  }
}

/** A `*` in `consumes`: events of every type, broken ones too, as dead-letter needs. */
export function takesAnyEvent({ consumes = [] }: Contract): boolean {
  return consumes.includes('*');
}

/** The bank's own facts begin with it; what else a function consumes, the platform says. */
const ownPrefix = 'com.microbank.';

/**
 * Throws a fault for a fact that its context has not signed: it is tried again, in case the key is new, and then kept apart as a dead
 * letter. Returns whether a dead letter is signed, of which both kinds are kept.
 */
export async function hear(
  exchange: Exchange,
  bound: BoundFunction,
  event: IncomingEvent,
  attributes: ReadEvent['attributes'],
): Promise<boolean | undefined> {
  const { hearing } = bound.environment;
  const isAny = takesAnyEvent(bound.contract);
  if (isAny || !event.type.startsWith(ownPrefix)) {
    await orRefuse(
      () => hearing.platform(exchange.proof),
      (cause) => new NotYours('only the platform may send this, with its proof', cause),
    );
    return isAny ? isSigned(bound, event, attributes) : undefined;
  }
  await orRefuse(
    () => hearing.fact(attributes, event.data),
    (cause) => new Refusal('signature_invalid', 500, `this event is not from who it says: ${cause.message}`, { cause }),
  );
  return undefined;
}

/** Throws a 401 without the token of a function that may ask this. */
export async function hearQuestion({ request }: Exchange, { contract, environment }: BoundFunction, question: string) {
  await orRefuse(
    () => environment.hearing.question(request.headers.authorization, question, contract.name),
    (cause) => new NotYours('only another function may ask this, with a token for it', cause),
  );
}

async function isSigned(
  { environment }: BoundFunction,
  { raw }: IncomingEvent,
  attributes: ReadEvent['attributes'],
): Promise<boolean> {
  let data: unknown;
  try {
    const { body = Buffer.alloc(0), contentType } = raw ?? {};
    if (body.length > 0) data = isJsonType(contentType) ? parseJson(body) : body.toString('utf8');
  } catch {
    return false; // The bank signs nothing of which this could be a form.
  }
  return environment.hearing.fact(attributes, data).then(
    () => true,
    (error: unknown) => {
      if (error instanceof Unheard) return false;
      throw faultOf(error);
    },
  );
}

async function orRefuse(check: () => Promise<void> | void, refusal: (cause: Unheard) => Refusal): Promise<void> {
  try {
    await check();
  } catch (error) {
    throw error instanceof Unheard ? refusal(error) : faultOf(error);
  }
}

function faultOf(error: unknown): unknown {
  return error instanceof KeysUnavailable ? new Unavailable('who verifies signatures', error) : error;
}
