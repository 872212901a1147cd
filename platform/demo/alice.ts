// Alice Johnson: a salary, a flat, a friend called Bob, two journeys, one mistake of the bank's, and one account that she closed.
import type { Random } from '../../eventing/tests/simulation/random.ts';
import { daysUntil, momentOf, openingDay, type Day } from './days.ts';
import { daily, live, onDate, onWeekdays, workdays, type Habit } from './habits.ts';
import type { Step } from './steps.ts';

const account = 'alice.checking';
const spends = { account, type: 'withdrawal' } as const;
const rentMinor = 1_180_00;
const groceries = ['Groceries Green Market', 'Groceries Harvest Co-op', 'Groceries Corner Store'];

const habits: readonly Habit[] = [
  {
    account,
    type: 'deposit',
    on: onDate(25),
    hours: [5, 6],
    amountMinor: [3_350_00, 3_350_00],
    what: ['Salary {month}'],
  },
  { ...spends, on: onDate(1), hours: [6, 7], amountMinor: [rentMinor, rentMinor], what: ['Rent {month}'] },
  { ...spends, on: onDate(5), hours: [6, 7], amountMinor: [68_00, 96_00], what: ['City Power {month}'] },
  { ...spends, on: onDate(12), hours: [6, 7], amountMinor: [29_00, 29_00], what: ['Mobile plan {month}'] },
  { ...spends, on: onDate(17), hours: [6, 7], amountMinor: [12_99, 12_99], what: ['Streaming Club'] },
  { ...spends, on: daily, chance: 0.57, hours: [16, 20], amountMinor: [18_00, 86_00], what: groceries },
  {
    ...spends,
    on: workdays,
    chance: 0.65,
    hours: [7, 9],
    amountMinor: [3_20, 7_80],
    what: ['Coffee Corner', 'Bakery Blum'],
  },
  { ...spends, on: onWeekdays(1), hours: [6, 8], amountMinor: [24_00, 24_00], what: ['Weekly transit pass'] },
  {
    ...spends,
    on: onWeekdays(5, 6),
    chance: 0.6,
    hours: [18, 22],
    amountMinor: [22_00, 68_00],
    what: ['Trattoria Sole', 'Noodle House', 'Cinema Rialto'],
  },
  {
    ...spends,
    on: onWeekdays(3, 6),
    chance: 0.5,
    hours: [10, 14],
    amountMinor: [40_00, 100_00],
    roundMinor: 20_00,
    what: ['Cash withdrawal Main Street'],
  },
  {
    account,
    type: 'transfer',
    target: 'bob.checking',
    on: daily,
    chance: 0.09,
    hours: [12, 22],
    amountMinor: [15_00, 80_00],
    roundMinor: 5_00,
    what: ['Dinner, my half', 'Concert tickets', 'Birthday present for Mia'],
  },
  {
    account,
    type: 'transfer',
    target: 'alice.savings',
    on: onDate(26),
    hours: [6, 7],
    amountMinor: [300_00, 300_00],
    what: ['Savings {month}'],
  },
  {
    account: 'alice.savings',
    type: 'deposit',
    on: onDate(1),
    hours: [3, 4],
    amountMinor: [2_80, 4_10],
    what: ['Interest'],
  },
  {
    account: 'alice.yen',
    type: 'deposit',
    on: onDate(15),
    hours: [8, 9],
    amountMinor: [15_000, 15_000],
    what: ['Kyoto fund'],
  },
];

/** In no order, and without regard to what her accounts hold: see story.ts. */
export function aliceDoes(today: Date, random: Random): Step[] {
  const days = daysUntil(today);
  const at: Moments = (back, hour) => momentOf(today, back, hour);
  return [...atHome(at, days), ...onJourneys(at), ...live(habits, days, random)];
}

/** What it takes to live until the first salary, so that she is as well off whatever day of the month it begins. */
function openingMinor(days: readonly Day[]): number {
  const untilSalary = days.slice(0, days.findIndex(onDate(25)));
  return 500_00 + untilSalary.length * 60_00 + untilSalary.filter(onDate(1)).length * rentMinor;
}

type Moments = (back: number, hour: number) => number;

const checking = { type: 'opening', accountType: 'checking' } as const;
const savings = { type: 'opening', accountType: 'savings' } as const;

function atHome(at: Moments, days: readonly Day[]): Step[] {
  // In the middle of a month, so that it takes her below zero until the next salary.
  const laptopDay = days.find(({ back, date }) => back <= 60 && date === 12)?.back ?? 60;
  const usd = { currency: 'USD' } as const;
  const holiday = { account: 'alice.holiday' } as const;
  const overdraftLimitMinor = 500_00;
  const gym = { ...spends, amountMinor: 45_00, description: 'Gym membership' };
  const reversal = {
    account,
    type: 'reversal',
    of: 'gym, again',
    description: 'Gym membership was booked twice',
  } as const;
  return [
    { at: at(openingDay, 9.1), ...checking, ...usd, account, amountMinor: openingMinor(days), overdraftLimitMinor },
    { at: at(84, 6.02), ...gym },
    { at: at(84, 6.03), ...gym, label: reversal.of },
    { at: at(83, 10.7), ...reversal },
    { at: at(laptopDay, 15.4), ...spends, amountMinor: 1_240_00, description: 'Laptop Corner Electronics' },

    { at: at(openingDay, 9.3), ...savings, ...usd, account: 'alice.savings', amountMinor: 2_400_00 },
    { at: at(openingDay, 9.4), ...savings, ...usd, ...holiday, amountMinor: 400_00 },
    { at: at(70, 18.2), ...holiday, type: 'deposit', amountMinor: 150_00, description: 'Birthday money' },
    { at: at(45, 10.2), ...holiday, type: 'transfer', target: account, amountMinor: 550_00, description: 'At last' },
    { at: at(45, 10.3), ...holiday, type: 'closing' },
  ];
}

function onJourneys(at: Moments): Step[] {
  const euro = { account: 'alice.euro' } as const;
  const pays = { ...euro, type: 'withdrawal' } as const;
  const yen = { account: 'alice.yen' } as const;
  const toChiyo = { ...yen, type: 'transfer', target: 'chiyo.checking', description: 'Ryokan Kyoto' } as const;
  return [
    { at: at(82, 12.4), ...checking, ...euro, currency: 'EUR', amountMinor: 850_00 },
    { at: at(43, 8.6), ...pays, amountMinor: 312_00, description: 'Hotel Miradouro Lisbon' },
    { at: at(43, 19.8), ...pays, amountMinor: 54_50, description: 'Cervejaria do Rio' },
    { at: at(42, 11.1), ...pays, amountMinor: 24_00, description: 'Tram and castle tickets' },
    { at: at(41, 13.7), ...pays, amountMinor: 31_80, description: 'Pasteis and Sons' },
    { at: at(40, 20.5), ...pays, amountMinor: 120_00, description: 'Cash withdrawal Lisbon' },
    { at: at(20, 9.9), ...euro, type: 'deposit', amountMinor: 200_00, description: 'For the next journey' },

    { at: at(76, 12.6), ...savings, ...yen, currency: 'JPY', amountMinor: 120_000 },
    { at: at(24, 1.5), ...toChiyo, amountMinor: 36_000 },
  ];
}
