// Breaks that are meant: announced.txt has each as the gate prints it, and why. A release with one has another first number.

export type Announced = { breaks: string[]; problems: string[] };

/** `found` without what is announced; an announcement of what does not break, or without a reason, is a problem itself. */
export function withoutAnnounced(found: readonly string[], text: string): Announced {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const announced = lines.map((line) => line.split(' # ') as [string, string?]);
  const problems = [
    ...announced.filter(([, why]) => (why ?? '').trim() === '').map(([line]) => `announced without a reason: ${line}`),
    ...announced.filter(([line]) => !found.includes(line)).map(([line]) => `announced, but nothing breaks so: ${line}`),
  ];
  return { breaks: found.filter((line) => !announced.some(([other]) => other === line)), problems };
}
