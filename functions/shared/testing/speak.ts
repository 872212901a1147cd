// Speaks to functions in a test as the bank's own contexts and the platform do: facts signed, questions vouched for, the rest with the proof.
import { createPrivateKey } from 'node:crypto';
import { decodeHeaderValue } from '../../../eventing/events/header-value.ts';
import { InvalidEvent } from '../../../eventing/events/invalid-event.ts';
import { digestOf, type Attributes } from '../../../eventing/signing/canonical.ts';
import { createSigning } from '../../../eventing/signing/jws.ts';
import { proofPath } from '../../../eventing/signing/platform-proof.ts';
import { mayAsk, speakerOf, speakers, type Speaker } from '../../../eventing/signing/speakers.ts';
import { createVoice, eventsType } from '../../../eventing/signing/voice.ts';
import type { SpeakerKey } from '../process/config.ts';
import { parseJson } from '../reading/json.ts';
import type { Request, RequestParts } from './request.ts';

export type Speech = { eventSigningKeys: readonly SpeakerKey[]; platformProof: string };

/** As `send`, which posts to functions at `/<name>/`. Nothing is added to what already shows who it is from, nor to commands. */
export function speaking(send: Request, speech: Speech): Request {
  const speak = (method: string, path: string, parts: RequestParts = {}) => {
    const [, name = '', rest = ''] = /^\/([^/]+)(\/?.*)$/.exec(path) ?? [];
    if (method !== 'POST' || (rest !== '/' && rest !== '')) return send(method, path, parts);
    const { attributes } = readMessage(parts);
    const { type = '' } = attributes;
    if (name === 'dead-letter' || !type.startsWith('com.microbank.'))
      return send(method, `/${name}${proofPath(speech.platformProof)}`, signed(parts, speech));
    const asker = speakers.find((speaker) => mayAsk(speaker, type));
    if (asker === undefined)
      return send(method, path, attributes.signature === undefined ? signed(parts, speech) : parts);
    const authorization = parts.headers?.authorization ?? `Bearer ${vouch(speech, asker, type, name)}`;
    return send(method, path, { ...parts, headers: { ...parts.headers, authorization } });
  };
  return speak as Request;
}

/** The same message with the signature of who may say it, or of `speaker`; unchanged when nobody may, and when it is no event. */
export function signed(parts: RequestParts, speech: Speech, speaker?: Speaker): RequestParts {
  const { attributes, data, isStructured } = readMessage(parts);
  const { type = '', source = '' } = attributes;
  const by = speaker ?? speakerOf({ type, source });
  if (by === undefined || attributes.signature !== undefined) return parts;
  const signature = signatureOf(keyOf(speech, by), attributes, data);
  if (!isStructured) return { ...parts, headers: { ...parts.headers, 'ce-signature': signature } };
  const text = textOf(parts.body).trimEnd();
  return { ...parts, body: `${text.slice(0, -1)},"signature":${JSON.stringify(signature)}}` };
}

function signatureOf({ kid, ...key }: SpeakerKey, attributes: Attributes, data: unknown): string {
  const signing = createSigning({
    kid,
    key: createPrivateKey({ key: key, format: 'jwk' }),
    type: eventsType,
  });
  return signing(digestOf(attributes, data));
}

/** A token for one question, as a function makes it. */
export function vouch(speech: Speech, speaker: Speaker, question: string, asked: string, now?: Date): string {
  return createVoice(keyOf(speech, speaker), now && (() => now)).vouch(question, asked);
}

function keyOf({ eventSigningKeys }: Speech, speaker: Speaker): SpeakerKey {
  return eventSigningKeys.find((key) => key.speaker === speaker) as SpeakerKey;
}

type Message = { attributes: Attributes; data: unknown; isStructured: boolean };

/** What cannot be read is no event, and is sent as it is. */
function readMessage({ headers = {}, body }: RequestParts): Message {
  const isStructured = (headers['content-type'] ?? '').startsWith('application/cloudevents+json');
  const named = Object.entries(headers).filter(([name]) => name.startsWith('ce-'));
  const binary = Object.fromEntries(named.map(([name, value]) => [name.slice(3), decoded(name, value)]));
  try {
    const text = textOf(body);
    const json = text === '' ? undefined : parseJson(Buffer.from(text));
    if (!isStructured)
      return { attributes: { ...binary, datacontenttype: headers['content-type'] }, data: json, isStructured };
    const { data, data_base64: base64, ...attributes } = json as Record<string, unknown>;
    const texts = Object.entries(attributes)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [name, String(value)]);
    const decoded = base64 === undefined ? data : parseJson(Buffer.from(base64 as string, 'base64'));
    return { attributes: Object.fromEntries(texts) as Attributes, data: decoded, isStructured };
  } catch {
    return { attributes: binary, data: undefined, isStructured: false };
  }
}

function textOf(body: unknown): string {
  if (body === undefined) return '';
  return typeof body === 'string' ? body : JSON.stringify(body);
}

/** Tests send broken headers as well, and those are for the bank to refuse. */
function decoded(name: string, value: string): string {
  try {
    return decodeHeaderValue(name, value);
  } catch (error) {
    if (error instanceof InvalidEvent) return value;
    throw error;
  }
}
