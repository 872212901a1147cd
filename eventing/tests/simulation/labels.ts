// Short names for events, in the order in which they are seen: the database draws other ids each time a seed runs.

export type Labels = {
  of: (eventId: string) => string;
  /** The events that occur anywhere in a value. */
  listOf: (value: unknown) => string[];
  count: () => number;
};

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g;

export function createLabels(): Labels {
  const labels = new Map<string, string>();

  function of(eventId: string): string {
    let label = labels.get(eventId);
    if (label === undefined) labels.set(eventId, (label = `e${labels.size + 1}`));
    return label;
  }

  return {
    of,
    count: () => labels.size,
    listOf: (value) => [...new Set(textOf(value).match(uuid) ?? [])].map(of),
  };
}

/** Also of what the database answers, where JSON has no word for a bigint. */
export function textOf(value: unknown): string {
  const text = JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? String(part) : part)) as
    string | undefined;
  return text ?? '';
}
