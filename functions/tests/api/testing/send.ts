// One request written as one line of text, and its answer with the text that was sent: what tables of requests are made of.

export type Seen = {
  status: number;
  /** `404 account_not_found`, or the bare status where nothing was refused. */
  told: string;
  headers: Headers;
  text: string;
  body: unknown;
};

export type SendParts = {
  token?: string | undefined;
  headers?: Record<string, string>;
  body?: RequestInit['body'];
};

/**
 * `send('http://…/api', 'POST /deposits {"account_id":1,"amount":5}', { token })`: the body is sent as it is written.
 * An event stream is ended as soon as it is answered. What a line cannot hold comes as `body`, with headers of its own.
 */
export async function send(
  baseUrl: string,
  line: string,
  { token, headers: more = {}, body: bytes }: SendParts = {},
): Promise<Seen> {
  const [, method = '', path = '', written] = /^(\S+) (\S+)(?: (.*))?$/s.exec(line) ?? [];
  const body = written ?? bytes;
  const response = await fetch(baseUrl + path, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(written !== undefined && { 'content-type': 'application/json' }),
      ...more,
    },
    ...(body !== undefined && { body, duplex: 'half' as const }),
  });
  const { status, headers } = response;
  const type = headers.get('content-type') ?? '';
  if (type.startsWith('text/event-stream')) {
    await response.body?.cancel();
    return { status, told: `${status}`, headers, text: '', body: undefined };
  }
  const text = await response.text();
  const parsed: unknown = /\bjson\b/.test(type) && text !== '' ? JSON.parse(text) : undefined;
  const code = status >= 400 ? (parsed as { code?: string } | undefined)?.code : undefined;
  return { status, told: code === undefined ? `${status}` : `${status} ${code}`, headers, text, body: parsed };
}
