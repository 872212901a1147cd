// nginx.conf, http.conf and tls.conf: the process, its limits, its log and its two listeners.
import { map, quote, writtenBy } from './nginx-text.ts';
import type { EdgeSettings } from './settings.ts';

export function renderMain({ configFolder, httpPort, temporaryFolder }: EdgeSettings): string {
  return `${writtenBy}
include ${configFolder}/image/modules.conf;
daemon off;
pid ${temporaryFolder}/nginx.pid;
worker_processes 2;
worker_rlimit_nofile 16384;
# Streams would keep a process that is told to end for as long as they last; browsers come back by themselves.
worker_shutdown_timeout 20s;
pcre_jit on;
error_log stderr notice;

events {
  worker_connections 8192;
}

stream {
  include kourier.conf;
}

http {
  include ${configFolder}/image/http.conf;
  include http.conf;
  include routes.conf;

  server {
    listen ${httpPort};
    include server.conf;
  }
  server {
    include ${configFolder}/image/listen-tls.conf;
    include tls.conf;
    include server.conf;
  }
}
`;
}

export function renderHttp(settings: EdgeSettings): string {
  const { clientSeconds, configFolder, relayPort, requests, signIns, temporaryFolder } = settings;
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => {
    return `${name}_temp_path ${temporaryFolder}/${name};\n`;
  });
  return `${writtenBy}
server_tokens off;
sendfile on;
tcp_nopush on;
map_hash_bucket_size 256;
map_hash_max_size 4096;
${temporary.join('')}
upstream kourier {
  server 127.0.0.1:${relayPort};
  keepalive 64;
}

# A slow client holds a connection, and nothing else.
client_header_timeout ${clientSeconds}s;
client_body_timeout ${clientSeconds}s;
send_timeout 30s;
keepalive_timeout 65s;
reset_timedout_connection on;
large_client_header_buffers 4 16k;

${map('$sign_in_client', '$rate_policy', [
  ['""', 'requests'],
  ['default', 'sign-ins'],
])}
${map('$sign_in_client', '$rate_quota', [
  ['""', String(requests.perSecond)],
  ['default', String(signIns.perSecond)],
])}
limit_req_zone $binary_remote_addr zone=requests:4m rate=${requests.perSecond}r/s;
limit_req_zone $sign_in_client zone=sign_ins:1m rate=${signIns.perSecond}r/s;
limit_conn_zone $binary_remote_addr zone=open_requests:1m;

proxy_cache_path ${temporaryFolder}/kept levels=1 keys_zone=kept:64k max_size=16m inactive=10s use_temp_path=off;

gzip on;
gzip_types application/json application/problem+json text/csv;
gzip_proxied any;
gzip_min_length 1024;
gzip_vary on;

# The client's trace when it has one, else a new one: the function goes on with it, and its log lines have it.
${map('$http_traceparent', '$given_trace', [[quote(validTrace), '$given_id']])}
${map('$given_trace', '$trace_id', [
  ['""', '$request_id'],
  ['default', '$given_trace'],
])}
${map('$request_id', '$new_span', [['"~^(?<first_half>.{16})"', '$first_half']])}
${map('$given_trace', '$traceparent', [
  ['""', '"00-$request_id-$new_span-01"'],
  ['default', '$http_traceparent'],
])}
${map('$upstream_http_retry_after', '$retry_after', [
  ['"~^\\d{1,5}$"', '$upstream_http_retry_after'],
  ['default', '1'],
])}
${map('$server_port', '$tls_folder', [['default', `${configFolder}/tls`]])}
${map('$https', '$strict_transport', [['on', '"max-age=31536000"']])}
${renderLog()}`;
}

const validTrace = '~^00-(?!0{32})(?<given_id>[0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$';

/** No query strings, which hold whom somebody looks for, and so nothing of an error log either: it would quote them. */
function renderLog(): string {
  const fields: Record<string, string> = {
    level: '"info"',
    time: '"$time_iso8601"',
    component: '"edge"',
    function: '"$function"',
    method: '"$method"',
    route: '"$template"',
    path: '"$path"',
    status: '$status_number',
    seconds: '$request_time',
    upstream_seconds: '"$upstream_response_time"',
    upstream_status: '"$upstream_status"',
    bytes_in: '$request_length',
    bytes_out: '$bytes_sent',
    client: '"$remote_addr"',
    scheme: '"$scheme"',
    protocol: '"$server_protocol"',
    trace_id: '"$trace_id"',
    msg: '"request answered"',
  };
  const line = Object.entries(fields).map(([name, value]) => `"${name}":${value}`);
  return `${map('$status', '$status_number', [
    ['"~^[1-5]"', '$status'],
    ['default', '0'],
  ])}
log_format lines escape=json '{${line.join(',')}}';
access_log /dev/stdout lines;
# nginx quotes the request, query string and all, in every line of lower levels. What was wrong with Kourier is in the relay's lines.
error_log stderr crit;
`;
}

export function renderTls(): string {
  return `${writtenBy}
# Variables, so that both are read as a client connects: nginx starts without them, and takes renewed ones without a restart.
ssl_certificate $tls_folder/tls.crt;
ssl_certificate_key $tls_folder/tls.key;
ssl_protocols TLSv1.2 TLSv1.3;
ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305;
ssl_prefer_server_ciphers off;
ssl_session_cache shared:tls:2m;
ssl_session_timeout 1h;
ssl_session_tickets off;
`;
}
