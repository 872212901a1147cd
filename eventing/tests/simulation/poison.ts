// Events that no consumer can apply, as a producer with a fault would record them: they have to end as dead letters.
import type { Surroundings } from './programs.ts';

export async function recordPoison({ world, databases, labels }: Surroundings): Promise<ReadonlySet<string>> {
  const ids = new Set<string>();
  const count = world.random.chance(0.3) ? 1 + world.random.below(2) : 0;
  for (let i = 0; i < count; i++) {
    const id = await world.outside(async () => {
      const { admin } = databases.ledger;
      await admin.query(`SELECT set_config('simulation.now', $1, false)`, [world.date().toISOString()]);
      const { rows } = await admin.query<{ id: string }>(
        `INSERT INTO outbox (type, source, subject, time, data, partitionkey, sequence)
         VALUES ('com.microbank.transaction.completed', '/microbank/deposit', 'poison', public.now(), '{"nonsense": true}', '0', 0)
         RETURNING id::text`,
      );
      return (rows[0] as { id: string }).id;
    });
    world.note(`${labels.of(id)} is poison`);
    ids.add(id);
  }
  return ids;
}
