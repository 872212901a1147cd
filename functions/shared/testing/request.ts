// One request as tests write it, and its answer as they read it.

export type RequestParts = {
  token?: string | undefined;
  /** Sent as JSON; a string is sent as it is. */
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
};
export type Answer<T> = { status: number; headers: Headers; body: T };
export type Request = <T = unknown>(method: string, path: string, parts?: RequestParts) => Promise<Answer<T>>;

/** `request('POST', '/deposits', { token, body })` against `baseUrl`; a JSON answer is parsed, any other is text, none is undefined. */
export function requestTo(baseUrl: string): Request {
  const send = async (method: string, path: string, { token, body, headers = {}, signal }: RequestParts = {}) => {
    const response = await fetch(baseUrl + path, {
      method,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      redirect: 'manual',
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      ...(signal && { signal }),
    });
    return { status: response.status, headers: response.headers, body: await readAnswer(response) };
  };
  return send as Request;
}

async function readAnswer(response: Response): Promise<unknown> {
  const text = await response.text();
  if (text === '') return undefined;
  return /\bjson\b/.test(response.headers.get('content-type') ?? '') ? JSON.parse(text) : text;
}
