// The address of a RabbitMQ, in a form that can be shown to people: it holds a password.

export type AmqpAddress = {
  /** host:port, for logs. */
  host: string;
  /** The whole address with the interval that both sides expect signs of life in, unless it names one itself. */
  withHeartbeat: (seconds: number) => string;
  /** The text without the password. */
  redact: (text: string) => string;
};

export function isAmqpUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^amqps?:$/.test(url.protocol) && url.hostname !== '';
}

/** Throws with a message that does not show the address. */
export function parseAmqpUrl(text: string): AmqpAddress {
  if (!isAmqpUrl(text)) throw new Error('the address of RabbitMQ is not an amqp:// or amqps:// address');
  const url = new URL(text);
  const port = url.port || (url.protocol === 'amqp:' ? '5672' : '5671');
  const secrets = [url.password, decodeURIComponent(url.password), text].filter((secret) => secret !== '');
  return {
    host: `${url.hostname}:${port}`,
    withHeartbeat(seconds) {
      const whole = new URL(text);
      if (!whole.searchParams.has('heartbeat')) whole.searchParams.set('heartbeat', String(seconds));
      return whole.href;
    },
    redact: (said) => secrets.reduce((shown, secret) => shown.replaceAll(secret, '***'), said),
  };
}
