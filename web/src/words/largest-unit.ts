// How long something takes, roughly: in the largest unit of which there is more than one.

const units = [
  { unit: 'day', seconds: 86_400 },
  { unit: 'hour', seconds: 3_600 },
  { unit: 'minute', seconds: 60 },
] as const;

export type Unit = (typeof units)[number]['unit'] | 'second';

/** Rounded up: who comes back after that is not too early. */
export function largestUnit(seconds: number): { unit: Unit; count: number } {
  const { unit, seconds: size } = units.find((one) => seconds > one.seconds) ?? { unit: 'second', seconds: 1 };
  return { unit, count: Math.max(1, Math.ceil(seconds / size)) };
}
