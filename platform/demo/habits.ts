// What people do again and again: on which days, at what hours, for how much.
import type { Random } from '../../eventing/tests/simulation/random.ts';
import type { Day } from './days.ts';
import type { AccountName, Step } from './steps.ts';

export type Habit = {
  account: AccountName;
  on: (day: Day) => boolean;
  /** Of doing it on such a day; always when left out. */
  chance?: number;
  hours: [from: number, to: number];
  /** In minor units, in multiples of `roundMinor`. */
  amountMinor: [from: number, to: number];
  roundMinor?: number;
  /** One of these; `{month}` is the day's. */
  what: readonly string[];
} & ({ type: 'deposit' | 'withdrawal' } | { type: 'transfer'; target: AccountName });

/** All that these habits come to on these days. */
export function live(habits: readonly Habit[], days: readonly Day[], random: Random): Step[] {
  return days.flatMap((day) =>
    habits
      .filter((habit) => habit.on(day) && random.chance(habit.chance ?? 1))
      .map((habit) => doOnce(habit, day, random)),
  );
}

function doOnce(habit: Habit, day: Day, random: Random): Step {
  const { account, hours, amountMinor, roundMinor = 1, what } = habit;
  const step = {
    at: day.start + between(hours[0] * 3_600_000, hours[1] * 3_600_000, random),
    account,
    amountMinor: roundMinor * between(amountMinor[0] / roundMinor, amountMinor[1] / roundMinor, random),
    description: random.pick(what).replace('{month}', day.month),
  };
  return habit.type === 'transfer'
    ? { ...step, type: habit.type, target: habit.target }
    : { ...step, type: habit.type };
}

function between(from: number, to: number, random: Random): number {
  return from + random.below(to - from + 1);
}

export const daily = (): boolean => true;
export const onDate =
  (date: number) =>
  (day: Day): boolean =>
    day.date === date;
export const onWeekdays =
  (...weekdays: readonly number[]) =>
  (day: Day): boolean =>
    weekdays.includes(day.weekday);
export const workdays = onWeekdays(1, 2, 3, 4, 5);
