// The page about network policies with its table as the policies are now.
import { format } from 'prettier';
import { flowsTable, readPolicies } from './flows.ts';

const mark = /(<!-- flows: made by write-flows\.ts -->)[\s\S]*?(<!-- \/flows -->)/;

export async function withFlows(page: string): Promise<string> {
  const text = page.replace(mark, `$1\n\n${flowsTable(await readPolicies())}\n\n$2`);
  return format(text, { parser: 'markdown', printWidth: 120 });
}
