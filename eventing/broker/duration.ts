// ISO 8601 durations as Trigger manifests have them, e.g. PT0.5S.

const pattern = /^P(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d{1,3})?)S)?)?$/;

/** Milliseconds, or undefined when it is not a duration. Years and months have no fixed length and are not taken. */
export function parseDuration(text: string): number | undefined {
  const parts = pattern.exec(text);
  if (!parts || text === 'P') return undefined;
  const [days, hours, minutes, seconds] = parts.slice(1).map((part = '0') => Number(part)) as [
    number,
    number,
    number,
    number,
  ];
  return Math.round((((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000);
}
