// ISO 8601 durations as Trigger manifests have them, e.g. PT0.5S.

const pattern = /^P(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d{1,3})?)S)?)?$/;

/** Milliseconds, or undefined when it is not a duration. Years and months have no fixed length and are not taken. */
export function parseDuration(text: string): number | undefined {
  const parts = pattern.exec(text);
  if (!parts || text === 'P') return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = parts.slice(1).map((part?: string) => Number(part ?? 0));
  return Math.round((((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000);
}
