// How a limit is told: 429 with Retry-After and the fields of draft-ietf-httpapi-ratelimit-headers-10. Browsers may import this file.
import { Refusal } from './errors.ts';

/** What somebody may do within `windowSeconds`, under the name of the policy; once used up it grows back slower. */
export type Policy = { name: string; quota: number; windowSeconds: number };

/** Seconds as whole numbers of one or more: 0 would say "now" to somebody who was just refused. */
export function tooMany(code: string, detail: string, policy: Policy, retryAfterSeconds: number): Refusal {
  const seconds = Math.max(1, Math.ceil(retryAfterSeconds));
  return new Refusal(code, 429, detail, { headers: rateLimitHeaders(policy, 0, seconds) });
}

/** `Retry-After` for those who know nothing else, the draft's two fields for those who do. Names are Strings of RFC 9651. */
function rateLimitHeaders(
  { name, quota, windowSeconds }: Policy,
  remaining: number,
  seconds: number,
): Record<string, string> {
  return {
    'retry-after': String(seconds),
    'ratelimit-policy': `"${name}";q=${quota};w=${windowSeconds}`,
    ratelimit: `"${name}";r=${remaining};t=${seconds}`,
  };
}
