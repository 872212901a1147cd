// CloudEvents as a broker delivers them, and the answers as it reads them: by the SDK, so that both sides agree on the format.
import { CloudEvent, HTTP } from 'cloudevents';
import { decodeHeaderValue } from '../../../../eventing/events/header-value.ts';
import type { WholeBank } from './whole-bank.ts';

export type Mode = 'binary' | 'structured';
export const modes: readonly Mode[] = ['binary', 'structured'];

export type Command = {
  to: string;
  type: string;
  data: unknown;
  id?: string;
  source?: string;
  token?: string | undefined;
  /** The extension attribute, from POST /command-authorities. */
  authority?: string | undefined;
  traceparent?: string;
};
export type Reply = {
  status: number;
  headers: Headers;
  /** How the answer is written; undefined when it is no event. */
  mode: Mode | undefined;
  event: CloudEvent<Record<string, unknown>> | undefined;
  /** The code of a problem. */
  code: string | undefined;
};

export const source = '/tests/branch';

export async function sendCommand(bank: WholeBank, mode: Mode, command: Command): Promise<Reply> {
  const { headers, body } = writeCommand(mode, command);
  return deliver(bank, command.to, headers, body, command.token);
}

/** Posts it as anybody may who reaches the broker; the status says no more than whether the broker has it. */
export async function sendToBroker(bank: WholeBank, mode: Mode, command: Omit<Command, 'to'>): Promise<number> {
  const message = writeCommand(mode, command);
  const response = await fetch(bank.environment.config.brokerUrl ?? '', { method: 'POST', ...message });
  await response.body?.cancel();
  return response.status;
}

function writeCommand(
  mode: Mode,
  { type, data, authority, traceparent, id = crypto.randomUUID(), ...more }: Omit<Command, 'to'>,
): { headers: Record<string, string>; body: string } {
  const event = new CloudEvent({
    type,
    data,
    id,
    source: more.source ?? source,
    datacontenttype: 'application/json',
    ...(authority !== undefined && { authority }),
    ...(traceparent !== undefined && { traceparent }),
  });
  const message = mode === 'binary' ? HTTP.binary(event) : HTTP.structured(event);
  return { headers: message.headers as Record<string, string>, body: message.body as string };
}

/** Posts to a function as its Trigger would; `to` is its name, with a path behind it if need be. */
export async function deliver(
  bank: WholeBank,
  to: string,
  headers: Record<string, string>,
  body: string,
  token?: string,
): Promise<Reply> {
  const url = `${bank.origin}/${to.includes('/') ? to : `${to}/`}`;
  const authorization: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(url, { method: 'POST', headers: { ...headers, ...authorization }, body });
  const text = await response.text();
  const { status, headers: answered } = response;
  const type = answered.get('content-type') ?? '';
  if (type === 'application/problem+json') {
    const { code } = JSON.parse(text) as { code: string };
    return { status, headers: answered, mode: undefined, event: undefined, code };
  }
  const mode = type.startsWith('application/cloudevents+json')
    ? 'structured'
    : answered.has('ce-id')
      ? 'binary'
      : undefined;
  // The SDK leaves percent-encoded attributes as they are; the HTTP binding (3.1.3.2) has receivers decode them.
  const attributes = Object.fromEntries(
    [...answered].map(([name, value]) => [name, name.startsWith('ce-') ? decodeHeaderValue(name, value) : value]),
  );
  const event = mode && (HTTP.toEvent({ headers: attributes, body: text }) as Reply['event']);
  return { status, headers: answered, mode, event, code: undefined };
}

/** A Knative dispatcher tries these again and dead-letters them in the end; every other 4xx it takes for success. */
export function isLost(status: number): boolean {
  return status >= 300 && status < 500 && ![404, 408, 409, 429].includes(status);
}

/** What the outboxes hold under an id. */
export async function recorded(bank: WholeBank, id: string | undefined): Promise<Record<string, unknown>[]> {
  const query = 'SELECT id::text, type, source, subject, data, partitionkey FROM outbox WHERE id::text = $1';
  const [users, ledger] = await Promise.all([
    bank.admin.users.query<Record<string, unknown>>(query, [id]),
    bank.admin.ledger.query<Record<string, unknown>>(query, [id]),
  ]);
  return [...users.rows, ...ledger.rows];
}
