// What contracts say to readers of the API's description does not reach browsers; what they check does.
import { parseSync, type Plugin } from 'vite';
import { expect, test } from 'vitest';
import { withoutDocumentation } from './without-documentation.ts';

const parse = (code: string) => parseSync('contract.js', code).program;

function transformed(code: string, id = '/bank/functions/deposit/contract.ts'): string | undefined {
  const { transform } = withoutDocumentation() as Plugin & {
    transform: (this: { parse: typeof parse }, code: string, id: string) => { code: string } | undefined;
  };
  return transform.call({ parse }, code, id)?.code;
}

test('summaries, examples and descriptions go', () => {
  expect(
    transformed(`const route = { summary: 'Put ' + 'in', body: z.int().describe('How much').meta({ example: 5 }).min(1),
      example: { command: { amount: 5 } } };`),
  ).toBe(`const route = { summary: undefined, body: z.int().min(1),
      example: undefined };`);
});

test('a field that happens to have such a name stays', () => {
  const code = 'const schema = z.object({ summary: z.string(), example: other });';
  expect(transformed(code)).toBe(code);
});

test('only contracts are looked into', () => {
  const code = `export const words = { summary: 'Sum' };`;
  expect(transformed(code, '/bank/web/src/words/en.ts')).toBeUndefined();
  expect(transformed(code, '/bank/functions/shared/contract/money.ts')).toContain('undefined');
});
