// Whose stream ends for a newcomer's, as a table.
import { expect, test } from 'vitest';
import { findVictim } from './seats.ts';

const limits = { mostStreams: 6, mostStreamsOfOnePerson: 3 };
/** `a1` is person a in network 1; the oldest comes first. */
const seatsOf = (text: string) =>
  text
    .split(' ')
    .filter((seat) => seat !== '')
    .map((seat, i) => ({ holder: seat.charCodeAt(0), network: seat.slice(1), place: i }));

test.each([
  ['there is room', '', 'a1', undefined],
  ['there is room for one more of theirs', 'a1 a1', 'a2', undefined],
  ['they have as many as they may, wherever they are', 'b1 a1 a2 a3', 'a1', 1],
  ['the process is full, and one person has three', 'b1 a1 a1 a1 c1 d1', 'e1', 1],
  ['the process is full, and two have two: the first of them', 'a1 b1 b1 c1 a1 d1', 'e1', 0],
  ['the process is full, and they have one already', 'a1 a1 b1 b1 c1 d1', 'c1', 'enough'],
  ['the process is full of people who have one each', 'a1 b1 c1 d1 e1 f1', 'g1', 'full'],
  ['the process is full of one network, from another', 'a1 b1 c1 d1 e1 f1', 'g2', 0],
  ['the process is full of one network, and somebody there has two', 'a1 b1 c1 d1 c1 f2', 'g2', 2],
  ['two networks share it', 'a1 b1 c1 d2 e2 f2', 'g2', 'full'],
])('%s', (_, seats, [person = '', network = ''], expected) => {
  const victim = findVictim(seatsOf(seats), { holder: person.charCodeAt(0), network }, limits);
  expect(typeof victim === 'object' ? victim.place : victim).toBe(expected);
});
