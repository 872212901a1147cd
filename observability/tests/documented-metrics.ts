// The table of ../README.md and what a bank really shows on /metrics, in one form, so that they can be compared.
import { readFile } from 'node:fs/promises';

export type MetricRow = {
  name: string;
  type: string;
  labels: string[];
  /** `scraped` or `database`, and perhaps of which process. */
  comes: string;
};

/** Every metric of the bank's own, one row each; those from elsewhere are another table. */
export async function documentedMetrics(): Promise<MetricRow[]> {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const lines = readme.split('\n').filter((line) => /^\| `(http|microbank|cnpg)_/.test(line));
  const rows = lines.map((line) => line.split('|').map((cell) => cell.trim()));
  return rows
    .filter((cells) => /^(counter|gauge|histogram)$/.test(cells[2] ?? ''))
    .flatMap(([, names = '', type = '', labels = '', comes = '']) =>
      [...names.matchAll(/`(\w+)`/g)].map(([, name]) => ({
        name: name as string,
        type,
        labels: labels === '' ? [] : labels.split(', ').sort(),
        comes,
      })),
    );
}

/** What a text in Prometheus' format has of the bank's own. `labels` is undefined for what has no sample yet, which is of unknown shape. */
export function exportedMetrics(text: string): { name: string; type: string; labels: string[] | undefined }[] {
  return [...text.matchAll(/^# TYPE (\S+) (\w+)$/gm)]
    .filter(([, name]) => /^(http|microbank|cnpg)_/.test(name as string))
    .map(([, name = '', type = '']) => {
      const sample = new RegExp(`^${name}(?:_bucket|_sum|_count)?(?:\\{(.*)\\})? \\S+$`, 'm').exec(text);
      const labels = [...(sample?.[1] ?? '').matchAll(/(\w+)="(?:[^"\\]|\\.)*"/g)].map(([, label]) => label as string);
      return { name, type, labels: sample ? labels.filter((label) => label !== 'le').sort() : undefined };
    });
}
