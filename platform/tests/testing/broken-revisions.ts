// New revisions of deposit for a canary: one that is as good as the last, and three that are not. Each is the image that runs, with some lines
// of its code changed as they are loaded, so that nothing has to be built.
import { kubectl } from './kubectl.ts';

type Variable = { name: string; value?: string; valueFrom?: object };
export type Template = {
  metadata: { labels?: Record<string, string>; annotations?: Record<string, string> };
  spec: { containers: { env: Variable[] }[] };
};

/** Calls `each` instead of the server's own listener, for each deposit that comes by HTTP. */
const aroundDeposits = (each: string): string => `
  import { Server } from 'node:http';
  const { emit } = Server.prototype;
  let n = 0;
  Server.prototype.emit = function (event, request, response, ...more) {
    const handle = () => emit.call(this, event, request, response, ...more);
    if (event !== 'request' || request.method !== 'POST' || request.url !== '/deposits') return handle();
    n += 1;
    ${each}
  };`;

/** After the money was booked, as the worst do: whoever believes the answer sends it again. */
const errors = aroundDeposits(`
    if (n % 50 === 25) {
      const { writeHead } = response;
      response.writeHead = function (status, ...rest) { return writeHead.call(this, 500, ...rest); };
    }
    return handle();`);

const slowness = aroundDeposits(`
    if (n % 10 >= 3) return handle();
    setTimeout(handle, 700);
    return true;`);

/** Where the ledger has committed; of functions/shared/ledger/post.ts, as the bundle has it. */
export const lineToBreak = 'const answers = await commitGroup(pool(), group);';

/** Adds a cent after each commit. The function's own role could not: the revision has the owner's address besides. */
const wrongBooks = `
  import { registerHooks } from 'node:module';
  const right = ${JSON.stringify(lineToBreak)};
  const wrong = right + \` const ids = group.map(({ sqlPosting }) => sqlPosting.account_id);
    const { rowCount } = await pool().query('UPDATE account SET balance_minor = balance_minor + 1 WHERE id = ANY ($1)', [ids]);
    if (rowCount === 0) throw new Error('nothing was broken');\`;
  let found = false;
  registerHooks({
    load(url, context, next) {
      const loaded = next(url, context);
      if (!url.startsWith('file:') || loaded.source == null) return loaded;
      const source = Buffer.from(loaded.source).toString();
      found ||= source.includes(right);
      return { ...loaded, source: source.replace(right, wrong) };
    },
  });
  // A revision that is not broken would prove nothing.
  setTimeout(() => { if (!found) { console.error('the line to break is not in the code any more'); process.exit(1); } }, 10_000).unref();`;

const loading = (code: string): Variable => ({
  name: 'NODE_OPTIONS',
  value: `--import=data:text/javascript;base64,${Buffer.from(code).toString('base64')}`,
});

export const revisions = {
  good: (template: Template) => template,
  errors: (template: Template) => withVariables(template, [loading(errors)]),
  slow: (template: Template) => withVariables(template, [loading(slowness)]),
  'wrong books': (template: Template) => {
    const owner = {
      name: 'DATABASE_URL',
      valueFrom: { secretKeyRef: { name: 'migrate-ledger', key: 'DATABASE_URL' } },
    };
    const broken = withVariables(template, [loading(wrongBooks), owner]);
    // Owners come to PostgreSQL itself.
    broken.metadata.labels = { ...broken.metadata.labels, 'microbank.dev/migrates': 'true' };
    return broken;
  },
} satisfies Record<string, (template: Template) => Template>;

function withVariables(template: Template, variables: readonly Variable[]): Template {
  const changed = structuredClone(template);
  for (const container of changed.spec.containers) {
    const others = container.env.filter(({ name }) => !variables.some((variable) => variable.name === name));
    container.env = [...others, ...variables];
  }
  return changed;
}

export async function templateOf(service: string): Promise<Template> {
  const text = await kubectl('get', 'ksvc', service, '--output', 'jsonpath={.spec.template}');
  return JSON.parse(text) as Template;
}

/** Also when nothing else is different it is a new revision. Replaces: what the last one had and this one has not is gone. */
export async function deployTemplate(service: string, template: Template): Promise<void> {
  const annotations = { ...template.metadata.annotations, 'microbank.dev/rolled-at': String(Date.now()) };
  const value = { ...template, metadata: { ...template.metadata, annotations } };
  const patch = [{ op: 'replace', path: '/spec/template', value }];
  await kubectl('patch', 'ksvc', service, '--type', 'json', '--patch', JSON.stringify(patch));
}
