// answers.conf and problem.conf: what the edge answers by itself, in the words of the local gateway and as problems (RFC 9457).
import { commonHeaders } from '../../functions/shared/contract/headers.ts';
import { writeProblem, type Problem } from '../../functions/shared/serving/problem.ts';
import { addHeaders, place, quote } from './nginx-text.ts';
import type { EdgeSettings } from './settings.ts';

/** No status of HTTP, so that a function's own 429 is told from the edge's, and passed on as it is. */
export const limitedStatus = 529;

/** For each location of functions: of what comes from behind, only what nobody but the platform can have said is replaced. */
export const errorPagesOfFunctions = `error_page 408 /-edge/408;
error_page 413 /-edge/413;
error_page ${limitedStatus} =429 /-edge/429;
error_page 502 /-edge/502;
error_page 503 /-edge/503;
error_page 504 /-edge/504;
`;

export function renderAnswers({ bodyBytesMax }: EdgeSettings): string {
  const detailOfAway = 'the bank is not available for now; ask again a little later, with the same Idempotency-Key';
  const away = (status: number, detail: string): Problem => {
    return { status, code: 'unavailable', detail, headers: { 'retry-after': '$retry_after' } };
  };
  const problems: Problem[] = [
    { status: 400, code: 'bad_request', detail: 'this is no request that HTTP allows' },
    { status: 408, code: 'request_timeout', detail: 'the request did not arrive in time' },
    { status: 413, code: 'body_too_large', detail: `the body is larger than ${bodyBytesMax} bytes` },
    { status: 414, code: 'uri_too_long', detail: 'the path and its query are too long' },
    { status: 429, code: 'too_many_requests', detail: 'too many requests from this address', headers: rateHeaders },
    { status: 431, code: 'headers_too_large', detail: 'the headers are too large' },
    { status: 500, code: 'internal_error', detail: 'something broke on our side; the trace_id leads to its log line' },
    away(502, detailOfAway),
    away(503, detailOfAway),
    away(504, `no answer came in time, so what was asked may still happen; ${detailOfAway}`),
  ];
  const nothing = { status: 404, code: 'route_not_found', detail: 'there is nothing at this path for $method' };
  const wrongMethod = { status: 405, code: 'method_not_allowed', detail: '$instead', headers: { allow: '$allow' } };
  return `# Anything that no function was asked about.
error_page 400 /-edge/400;
error_page 404 /-edge/nothing;
error_page 405 /-edge/wrong-method;
error_page 408 /-edge/408;
error_page 413 /-edge/413;
error_page 414 /-edge/414;
error_page 494 =431 /-edge/431;
# http spoken on the port of https.
error_page 497 =400 /-edge/400;
error_page 500 /-edge/500;

${place('nothing', answer(nothing))}
${place('wrong-method', answer(wrongMethod))}
${place('options', `${addHeaders({ ...commonHeaders, ...strictTransport, allow: '$allow' })}return 204;\n`)}
${place('health', health)}
${problems.map((problem) => place(String(problem.status), answer(problem))).join('\n')}`;
}

/** Only over https, where browsers take it; empty headers are not sent. */
export const strictTransport = { 'strict-transport-security': '$strict_transport' } as const;

/** As functions tell of their limits (functions/shared/contract/rate-limit.ts); which of ours it was depends on the place (render-routes.ts). */
const rateHeaders = {
  'retry-after': '1',
  ratelimit: '"$rate_policy";r=0;t=1',
  'ratelimit-policy': '"$rate_policy";q=$rate_quota;w=1',
};

function answer(problem: Problem): string {
  const body = writeProblem(problem, '$trace_id');
  return `include problem.conf;\n${addHeaders(problem.headers ?? {})}return ${problem.status} ${quote(body)};\n`;
}

/** problem.conf: what all problems have in common. */
export function renderProblem(): string {
  const headers = { ...commonHeaders, ...strictTransport, 'cache-control': 'no-store' };
  return `default_type application/problem+json;\n${addHeaders(headers)}`;
}

const health = `access_log off;
default_type application/json;
${addHeaders({ ...commonHeaders, 'cache-control': 'no-store' })}return 200 ${quote('{"status":"ok"}')};
`;
