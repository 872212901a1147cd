// Statements' files as other people's programs read them: parsers of PyPI, and LibreOffice.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** Where platform/local/install-test-packages.sh puts them. */
const readers = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'microbank', 'statement-readers-1');
const script = join(import.meta.dirname, 'read_statement.py');

export type PythonFormat = 'ofx' | 'xml' | 'qif';

/** What they understood of each, as read_statement.py prints it; rejects with what they said against the first that they do not take. */
export async function readByPython<T>(files: readonly (readonly [format: PythonFormat, text: string])[]): Promise<T[]> {
  return inFolder(async (folder) => {
    const paths = files.map(([format], index) => join(folder, `${index}.${format}`));
    for (const [index, [, text]] of files.entries()) await writeFile(paths[index] ?? '', text);
    const env = { ...process.env, PYTHONPATH: readers, PYTHONDONTWRITEBYTECODE: '1' };
    const { stdout } = await run('python3', [script, ...paths], { env });
    return JSON.parse(stdout) as T[];
  });
}

/** `separators` and `locale` as a reader chose them in the import dialog: `;`, or several of which each separates; `de-DE`. */
export type SpreadsheetReader = { separators: string; locale: keyof typeof languageCodes };
export type Cell = { text: string; value?: number; formula?: string };

/** The rows of each CSV file in LibreOffice Calc, from its own flat XML; all are read as this one reader does. */
export async function readByCalc(
  csvs: readonly string[],
  { separators, locale }: SpreadsheetReader,
): Promise<Cell[][][]> {
  return inFolder(async (folder) => {
    const names = csvs.map((_, index) => join(folder, `statement-${index}`));
    for (const [index, csv] of csvs.entries()) await writeFile(`${names[index]}.csv`, csv);
    // Tokens of the filter: separators, text delimiter ", UTF-8, from the first line, columns as they are, language, quoted is text: no, numbers: detect.
    const codes = Array.from(separators, (separator) => separator.charCodeAt(0)).join('/');
    const filter = `CSV:${codes},34,76,1,,${languageCodes[locale]},false,true`;
    const profile = `-env:UserInstallation=${pathToFileURL(join(folder, 'profile')).href}`;
    const words = [profile, '--headless', '--convert-to', 'fods', `--infilter=${filter}`, '--outdir', folder];
    await run('soffice', [...words, ...names.map((name) => `${name}.csv`)], { env: { ...process.env, HOME: folder } });
    return await Promise.all(names.map(async (name) => cellsOf(await readFile(`${name}.fods`, 'utf8'))));
  });
}

/** Microsoft's language identifiers, which the filter takes. */
const languageCodes = { 'en-US': 1033, 'de-DE': 1031, 'de-CH': 2055 } as const;

function cellsOf(flatXml: string): Cell[][] {
  const rows = [...flatXml.matchAll(/<table:table-row[^>]*>(.*?)<\/table:table-row>/gs)];
  return rows.map(([, row = '']) =>
    [...row.matchAll(/<table:table-cell([^>]*?)(?:\/>|>(.*?)<\/table:table-cell>)/gs)].flatMap(
      ([, head = '', body = '']) => {
        const attribute = (name: string): string | undefined => new RegExp(`${name}="([^"]*)"`).exec(head)?.[1];
        const [formula, value] = [attribute('table:formula'), attribute('office:value')];
        const paragraphs = [...body.matchAll(/<text:p>(.*?)<\/text:p>/gs)].map(([, text = '']) => plainOf(text));
        const cell: Cell = {
          text: paragraphs.join('\n'),
          ...(value !== undefined && { value: Number(value) }),
          ...(formula !== undefined && { formula: plainOf(formula) }),
        };
        return Array.from(
          { length: Math.min(Number(attribute('table:number-columns-repeated') ?? 1), 64) },
          () => cell,
        );
      },
    ),
  );
}

function plainOf(xml: string): string {
  const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  const withSpaces = xml.replaceAll(/<text:s(?: text:c="(\d+)")?\/>/g, (_, count?: string) =>
    ' '.repeat(Number(count ?? 1)),
  );
  return withSpaces.replaceAll(/<[^>]*>/g, '').replaceAll(/&(\w+);/g, (all, name: string) => entities[name] ?? all);
}

async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'microbank-statement-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
