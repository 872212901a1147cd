// functions.conf and to-function.conf: how a request goes on to its function, through Kourier.
import { edgeHeaders, hiddenHeaders, passedHeaders } from './headers.ts';
import { addHeaders, place } from './nginx-text.ts';
import { errorPagesOfFunctions, limitedStatus, strictTransport } from './render-answers.ts';
import type { EdgeSettings } from './settings.ts';

export function renderFunctions({ answerSeconds, signIns, streamSeconds }: EdgeSettings): string {
  const read = `${toFunction(answerSeconds)}proxy_next_upstream error;\n`;
  const change = `${toFunction(answerSeconds)}proxy_next_upstream off;\nlimit_req zone=sign_ins burst=${signIns.burst} nodelay;\n`;
  const stream = `${toFunction(streamSeconds)}proxy_next_upstream error;\nproxy_buffering off;\ngzip off;\n`;
  // Sign-in is asked once a second, whatever comes; for how long an answer is kept, it says itself.
  const kept = `${read}proxy_cache kept;\nproxy_cache_key $path;\nproxy_cache_lock on;\nproxy_cache_lock_timeout ${answerSeconds}s;\n`;
  return `# One that reads may be asked again, when an idle connection turns out to be gone.
${place('read', read)}
# What everybody may read, and many ask for all the time.
${place('kept', kept)}
# One that changes something is sent once, whatever happens: it may have arrived.
${place('change', change)}
# Events go out as they come in; the function writes every ten seconds, and ends the stream before the platform does.
${place('stream', stream)}`;
}

function toFunction(readSeconds: number): string {
  return `include to-function.conf;\nproxy_read_timeout ${readSeconds}s;\n`;
}

/** to-function.conf: what they have in common. */
export function renderToFunction({
  bodyBytesMax,
  configFolder,
  functionDomain,
  openRequestsMax,
  requests,
}: EdgeSettings): string {
  return `# Any line would quote the request, with whom somebody looks for.
error_log stderr emerg;

limit_req zone=requests burst=${requests.burst} nodelay;
limit_req_status ${limitedStatus};
limit_conn open_requests ${openRequestsMax};
limit_conn_status ${limitedStatus};

# The whole body first, in memory: a slow client keeps no function waiting.
client_max_body_size ${bodyBytesMax};
client_body_buffer_size ${bodyBytesMax};
proxy_request_buffering on;

proxy_pass http://kourier$path_inside;
proxy_http_version 1.1;
proxy_redirect off;
proxy_connect_timeout 5s;
proxy_send_timeout 10s;
# What a slow client has not taken yet waits here, so that the function is free.
proxy_buffer_size 16k;
proxy_buffers 16 16k;
proxy_max_temp_file_size 16m;

proxy_set_header host $function.${functionDomain};
proxy_set_header connection "";
proxy_pass_request_headers off;
${setHeaders(passedHeaders.map((name) => [name, `$http_${name.replaceAll('-', '_')}`]))}${setHeaders(Object.entries(edgeHeaders))}# One more, which is secret: functions believe these of nobody else (functions/shared/serving/from-edge.ts).
include ${configFolder}/secret/*.conf;

${hiddenHeaders.map((name) => `proxy_hide_header ${name};\n`).join('')}${addHeaders(strictTransport)}
proxy_intercept_errors on;
${errorPagesOfFunctions}`;
}

function setHeaders(headers: readonly (readonly [name: string, value: string])[]): string {
  return headers.map(([name, value]) => `proxy_set_header ${name} ${value};\n`).join('');
}
