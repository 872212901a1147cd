// Requests byte by byte, for what no client library would send.
import { connect } from 'node:net';

export type RawAnswer = { status: number; headers: string; body: string };

/**
 * Writes the text (as Latin-1, so that `\xff` is one byte) and reads until the server closes or has answered once.
 * `isCutOff` closes our side behind it: nothing more will come.
 */
export function sendRaw(origin: string, text: string, isCutOff = false): Promise<RawAnswer> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let received = '';
    socket.setTimeout(5_000, () => socket.destroy(new Error(`no answer within 5 s to ${text.slice(0, 80)}`)));
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      received += chunk;
      const answer = parse(received);
      if (answer) {
        resolve(answer);
        socket.destroy();
      }
    });
    socket.on('error', reject);
    socket.on('close', () => {
      const [head = '', body = ''] = received.split('\r\n\r\n');
      resolve({ status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1] ?? 0), headers: head, body });
    });
    if (isCutOff) socket.end(text, 'latin1');
    else socket.write(text, 'latin1');
  });
}

/** Undefined until the whole answer is there. */
function parse(received: string): RawAnswer | undefined {
  const end = received.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [headers, body] = [received.slice(0, end), received.slice(end + 4)];
  const length = Number(/^content-length: (\d+)/im.exec(headers)?.[1] ?? NaN);
  if (!(body.length >= length)) return undefined;
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(headers)?.[1]), headers, body: body.slice(0, length) };
}
