// What every refusal has in common: the shape of RFC 9457, a stable code, and nothing of the machinery behind it.
import { expect } from 'vitest';
import type { Seen } from './send.ts';

type ProblemBody = {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  trace_id: string;
  errors?: { pointer: string; detail: string }[];
};

const machinery =
  /node_modules|\.ts\b|\bat \S+:\d+|kysely|\bzod\b|postgres|\bpg\b|SELECT|INSERT|violates|invalid input syntax/i;

/** What is wrong with a refusal, in words; nothing when it is as it has to be. `pointer` is one that `errors` has to hold, or a part of it. */
export function flawsOf(seen: Seen, pointer?: string): string[] {
  const flaws: string[] = [];
  const flaw = (isFlaw: boolean, what: string) => {
    if (isFlaw) flaws.push(what);
  };
  flaw(seen.status < 400 || seen.status > 499, `status ${seen.status}`);
  flaw([401, 403, 429].includes(seen.status), `${seen.told} hides what is wrong`);
  flaw(seen.headers.get('content-type') !== 'application/problem+json', 'is no application/problem+json');
  if (flaws.length > 0) return flaws;

  const body = seen.body as ProblemBody;
  flaw(!/^[a-z]+(_[a-z]+)*$/.test(body.code), `code ${body.code}`);
  flaw(body.type !== `urn:microbank:problem:${body.code}`, `type ${body.type}`);
  flaw(body.status !== seen.status, `status ${body.status} in the body`);
  flaw(!/^[0-9a-f]{32}$/.test(body.trace_id), `trace_id ${body.trace_id}`);
  flaw(!body.title || !body.detail, 'no title or detail');
  flaw(machinery.test(seen.text), `tells of the machinery: ${seen.text}`);
  flaw(seen.text.length > 4_000, `${seen.text.length} characters long`);
  const pointers = body.errors?.map((error) => error.pointer) ?? [];
  const isNamed = pointers.some((named) => named === pointer || named.startsWith(`${pointer}/`));
  flaw(pointer !== undefined && !isNamed, `names ${pointers.join() || 'no field'}: ${body.detail}`);
  return flaws;
}

export function expectProblem(seen: Seen, told: string, pointer?: string): void {
  expect([seen.told, ...flawsOf(seen, pointer)]).toEqual([told]);
}
