// What an event says in confidence is not kept: with its authority a command could be done, and a password is nobody else's to read.
import { isCommandType, withoutAuthority } from '../../eventing/events/command-type.ts';
import type { IncomingEvent } from '../shared/handler/event.ts';

const secret = /password/i;

/** The event as it may be stored. */
export function withoutSecrets(event: IncomingEvent): IncomingEvent {
  const extensions = withoutAuthority(event.extensions);
  const { type, data, raw } = event;
  if (!isCommandType(type)) return { ...event, extensions };
  if (!raw) return { ...event, extensions, data: withoutPasswords(data) };
  return { ...event, extensions, raw: { ...raw, body: withoutPasswordsIn(raw.body) } };
}

/** As it came where there is nothing to hide. What speaks of a password and can't be read can't be cleaned, and is left out. */
function withoutPasswordsIn(body: Buffer): Buffer {
  const text = body.toString('utf8');
  if (!secret.test(text)) return body;
  try {
    return Buffer.from(JSON.stringify(JSON.parse(text, leaveOutPasswords)));
  } catch {
    return Buffer.alloc(0);
  }
}

function withoutPasswords(data: unknown): unknown {
  return data === undefined ? undefined : (JSON.parse(JSON.stringify(data), leaveOutPasswords) as unknown);
}

function leaveOutPasswords(name: string, value: unknown): unknown {
  return secret.test(name) ? undefined : value;
}
