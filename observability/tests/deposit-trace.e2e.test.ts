// One deposit at the bank of `npm start`, from whoever asks to whoever hears of it: its spans as a collector gets them, and what is not in
// them, nor in any line that the bank has logged.
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { requestTo } from '../../functions/shared/testing/request.ts';
import { npmStart, signIn } from '../../platform/local/testing/npm-start.ts';
import { drawTrace, startOtlpReceiver } from './otlp-receiver.ts';

const folder = await mkdtemp(join(tmpdir(), 'microbank-traced-'));
await chmod(folder, 0o711);
const data = join(folder, 'data');
const receiver = await startOtlpReceiver();
afterAll(async () => {
  await receiver.close();
  await rm(folder, { recursive: true, force: true });
});

const person = {
  name: 'Philomena Quartermaine',
  email: 'philomena@quartermaine.example',
  password: 'seven green tractors sing',
};
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const callerSpan = '00f067aa0ba902b7';

test(
  'a deposit is one trace, from the request to the notification, without secrets',
  { timeout: 120_000 },
  async () => {
    const bank = npmStart({
      MICROBANK_DATA: data,
      LOG_LEVEL: 'trace',
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    });
    const address = await bank.ready();
    const { access_token: token } = (await (await signIn(address, data)).json()) as { access_token: string };
    const request = requestTo(`${address}/api`);
    const { body: user } = await request<{ id: number }>('POST', '/users', { token, body: person });
    const { body: account } = await request<{ id: number }>('POST', '/accounts', {
      token,
      body: { user_id: user.id, account_type: 'checking' },
    });
    const headers = { traceparent: `00-${traceId}-${callerSpan}-01` };
    const body = { account_id: account.id, amount: 8642.17 };
    const deposited = await request<{ trace_id: string }>('POST', '/deposits', { token, body, headers });
    expect(deposited).toMatchObject({ status: 201, body: { trace_id: traceId } });
    const { body: refused } = await request<{ trace_id: string }>('POST', '/withdrawals', {
      token,
      body: { ...body, amount: 8642.18 },
    });
    const told = () => request<object[]>('GET', `/notifications?user_id=${user.id}`, { token });
    await expect.poll(async () => JSON.stringify((await told()).body), { timeout: 20_000 }).toContain('8642.17');

    // What is not sent yet is sent as it ends.
    bank.process.kill('SIGTERM');
    expect(await bank.ended).toMatchObject({ code: 0 });
    // Events are marked as handed over several at a time, in the trace of the one that waited first, if it is not over.
    const spans = receiver.spans.filter((span) => span.traceId === traceId && span.name !== 'UPDATE outbox');
    expect(drawTrace(spans)).toEqual([
      'server POST /deposits',
      '  client SELECT account',
      '  internal ledger post',
      '    internal ledger commit',
      '      client SELECT post',
      '  producer send com.microbank.transaction.completed',
      '    server POST /',
      '      client deliver com.microbank.transaction.completed',
      '        server POST /',
      '          consumer process com.microbank.transaction.completed',
      '            client SELECT apply_events',
    ]);
    expect(spans.filter(({ failed }) => failed)).toEqual([]);

    const named = (name: string) => spans.find((span) => span.name === name);
    const [asked, processed] = [named('POST /deposits'), named('process com.microbank.transaction.completed')];
    expect(asked).toMatchObject({
      parentSpanId: callerSpan,
      attributes: { 'http.route': '/deposits', 'http.response.status_code': 201, 'faas.name': 'deposit' },
      resource: { 'service.name': 'microbank', 'deployment.environment.name': 'test' },
    });
    expect(processed).toMatchObject({
      links: [asked?.spanId], // Where the event was recorded.
      attributes: {
        'messaging.operation.type': 'process',
        'cloudevents.event_source': '/microbank/deposit',
        'cloudevents.event_id': named('send com.microbank.transaction.completed')?.attributes['messaging.message.id'],
      },
    });
    expect(named('SELECT post')?.attributes).toMatchObject({
      'db.namespace': 'microbank_ledger',
      'db.query.text': 'SELECT post($1::jsonb) AS answers',
    });
    const no = receiver.spans.find((span) => span.traceId === refused.trace_id && span.name === 'POST /withdrawals');
    expect(no).toMatchObject({ failed: false, attributes: { 'microbank.problem': 'insufficient_funds' } });

    const { password: tellerPassword } = JSON.parse(await readFile(join(data, 'teller.json'), 'utf8')) as {
      password: string;
    };
    const secrets = Object.entries(JSON.parse(await readFile(join(data, 'secrets.json'), 'utf8')) as object);
    const kept = [
      ...Object.values(person),
      ...person.name.split(' '),
      tellerPassword,
      token,
      token.split('.')[2] ?? '',
    ];
    const unsaid = [...kept, ...secrets.flatMap(([, secret]) => textsOf(secret)), '8642', '864217'];
    // The bank says the teller's password once, to whoever starts it.
    const logged = bank
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{'));
    expect(logged.length).toBeGreaterThan(0);
    const values = receiver.spans.flatMap(({ name, attributes, resource }) => [
      name,
      ...textsOf(attributes),
      ...textsOf(resource),
    ]);
    for (const text of unsaid) {
      expect(text.length).toBeGreaterThan(3);
      expect([...logged, ...values].filter((said) => said.includes(text))).toEqual([]);
    }
  },
);

function textsOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [String(value)];
  return Object.values(value).flatMap(textsOf);
}
