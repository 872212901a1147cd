// Bob in dollars and euros, Chiyo in yen, which have no decimals, and Fatima in dinars, which have three.
import type { Random } from '../../eventing/tests/simulation/random.ts';
import { daysUntil, momentOf, openingDay } from './days.ts';
import { daily, live, onDate, onWeekdays, workdays, type Habit } from './habits.ts';
import type { Step } from './steps.ts';

const bob = 'bob.checking';
const bobSpends = { account: bob, type: 'withdrawal' } as const;
const bobs: readonly Habit[] = [
  {
    account: bob,
    type: 'deposit',
    on: onDate(28),
    hours: [5, 6],
    amountMinor: [2_480_00, 2_480_00],
    what: ['Salary {month}'],
  },
  { ...bobSpends, on: onDate(3), hours: [6, 7], amountMinor: [940_00, 940_00], what: ['Rent {month}'] },
  {
    ...bobSpends,
    on: daily,
    chance: 0.4,
    hours: [15, 21],
    amountMinor: [9_00, 64_00],
    what: ['Groceries Corner Store', 'Pizza Volante'],
  },
  { ...bobSpends, on: workdays, chance: 0.3, hours: [7, 9], amountMinor: [3_00, 6_40], what: ['Coffee Corner'] },
  {
    ...bobSpends,
    on: onWeekdays(0),
    chance: 0.6,
    hours: [12, 17],
    amountMinor: [14_00, 38_00],
    what: ['Climbing Hall', 'Vinyl & Co.'],
  },
  {
    account: bob,
    type: 'transfer',
    target: 'alice.checking',
    on: daily,
    chance: 0.07,
    hours: [11, 22],
    amountMinor: [10_00, 60_00],
    roundMinor: 5_00,
    what: ['Dinner, my half', 'Taxi, thank you', 'Football bet'],
  },
  {
    account: 'bob.euro',
    type: 'withdrawal',
    on: onDate(9),
    hours: [8, 9],
    amountMinor: [39_00, 39_00],
    what: ['Language school {month}'],
  },
];

const chiyo = 'chiyo.checking';
const chiyoSpends = { account: chiyo, type: 'withdrawal' } as const;
const chiyos: readonly Habit[] = [
  {
    account: chiyo,
    type: 'deposit',
    on: onDate(25),
    hours: [0, 1],
    amountMinor: [285_000, 285_000],
    what: ['Salary {month}'],
  },
  { ...chiyoSpends, on: onDate(27), hours: [0, 1], amountMinor: [82_000, 82_000], what: ['Rent {month}'] },
  {
    ...chiyoSpends,
    on: daily,
    chance: 0.4,
    hours: [7, 12],
    amountMinor: [1_200, 5_800],
    what: ['Groceries Nishiki Market'],
  },
  {
    ...chiyoSpends,
    on: workdays,
    chance: 0.5,
    hours: [2, 4],
    amountMinor: [480, 1_250],
    what: ['Bento Hana', 'Coffee Kissa'],
  },
];

const fatima = 'fatima.checking';
const fatimaSpends = { account: fatima, type: 'withdrawal' } as const;
const fatimas: readonly Habit[] = [
  {
    account: fatima,
    type: 'deposit',
    on: onDate(24),
    hours: [4, 5],
    amountMinor: [1_180_000, 1_180_000],
    what: ['Salary {month}'],
  },
  { ...fatimaSpends, on: onDate(1), hours: [5, 6], amountMinor: [420_000, 420_000], what: ['Rent {month}'] },
  {
    ...fatimaSpends,
    on: daily,
    chance: 0.35,
    hours: [13, 18],
    amountMinor: [4_250, 28_750],
    what: ['Groceries Souq Al-Mubarakiya'],
  },
  {
    ...fatimaSpends,
    on: onWeekdays(0, 3),
    chance: 0.7,
    hours: [5, 7],
    amountMinor: [1_250, 3_475],
    what: ['Coffee Dallah'],
  },
  {
    ...fatimaSpends,
    on: onWeekdays(4),
    chance: 0.8,
    hours: [8, 15],
    amountMinor: [6_500, 11_900],
    what: ['Gulf Road Petrol'],
  },
];

/** In no order, and without regard to what their accounts hold: see story.ts. */
export function theOthersDo(today: Date, random: Random): Step[] {
  return [
    ...happensOnce((back, hour) => momentOf(today, back, hour)),
    ...live([...bobs, ...chiyos, ...fatimas], daysUntil(today), random),
  ];
}

function happensOnce(at: (back: number, hour: number) => number): Step[] {
  const checking = { type: 'opening', accountType: 'checking' } as const;
  return [
    { at: at(openingDay, 8.4), ...checking, account: bob, currency: 'USD', amountMinor: 1_150_00 },
    { at: at(openingDay, 8.6), ...checking, account: 'bob.euro', currency: 'EUR', amountMinor: 260_00 },
    { at: at(openingDay, 1.2), ...checking, account: chiyo, currency: 'JPY', amountMinor: 240_000 },
    { at: at(openingDay, 6.7), ...checking, account: fatima, currency: 'KWD', amountMinor: 640_000 },
    {
      at: at(44, 21.3),
      account: 'bob.euro',
      type: 'transfer',
      target: 'alice.euro',
      amountMinor: 45_00,
      description: 'Bring me a tile from Lisbon',
    },
  ];
}
