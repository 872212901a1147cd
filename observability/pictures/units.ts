// Numbers as a panel writes them, by Grafana's names for units.

const short = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });

/** `NaN` and infinities are written as such: a panel that hides them hides a division by nothing. */
export function formatValue(value: number, unit: string): string {
  if (!Number.isFinite(value)) return String(value);
  switch (unit) {
    case 's':
      return seconds(value);
    case 'percentunit':
      return `${(value * 100).toLocaleString('en', { maximumSignificantDigits: 3 })} %`;
    case 'bytes':
      return bytes(value);
    case 'reqps':
      return `${short.format(value)} req/s`;
    case 'cps':
      return `${short.format(value)} /s`;
    case 'cpm':
      return `${short.format(value)} /min`;
    default:
      return short.format(value);
  }
}

function seconds(value: number): string {
  if (value === 0) return '0';
  if (value < 1) return `${(value * 1_000).toLocaleString('en', { maximumSignificantDigits: 3 })} ms`;
  if (value < 120) return `${value.toLocaleString('en', { maximumSignificantDigits: 3 })} s`;
  return `${(value / 60).toLocaleString('en', { maximumSignificantDigits: 3 })} min`;
}

function bytes(value: number): string {
  const steps = ['B', 'KiB', 'MiB', 'GiB'];
  const step = value < 1 ? 0 : Math.min(Math.floor(Math.log2(value) / 10), steps.length - 1);
  return `${(value / 1024 ** step).toLocaleString('en', { maximumSignificantDigits: 3 })} ${steps[step] ?? ''}`;
}
