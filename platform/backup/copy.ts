// A copy of the databases in files: one folder per database, in it a compressed file of JSON lines per table, read back as they were.
import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { escapeIdentifier, type ClientBase } from 'pg';
import type { Table } from './tables.ts';

const rowsAtOnce = 500;

/** Inside the caller's transaction, whose snapshot is what is copied. Returns the number of rows. */
export async function copyOut(client: ClientBase, { name, columns }: Table, folder: string): Promise<number> {
  let count = 0;
  async function* lines(): AsyncGenerator<string> {
    const cursor = escapeIdentifier(`copy ${randomUUID()}`);
    // As PostgreSQL writes them: no number passes through JavaScript.
    await client.query(`declare ${cursor} no scroll cursor for
      select row_to_json(t)::text as line from (select ${list(columns)} from ${escapeIdentifier(name)}) t`);
    for (;;) {
      const { rows } = await client.query<{ line: string }>(`fetch ${rowsAtOnce} from ${cursor}`);
      if (rows.length === 0) break;
      count += rows.length;
      yield rows.map(({ line }) => `${line}\n`).join('');
    }
    await client.query(`close ${cursor}`);
  }
  await pipeline(Readable.from(lines()), createGzip(), createWriteStream(fileOf(folder, name), { flags: 'wx' }));
  return count;
}

/** Into an empty table whose triggers do not run. Returns the number of rows. */
export async function copyIn(client: ClientBase, { name, columns }: Table, folder: string): Promise<number> {
  const insert = `insert into ${escapeIdentifier(name)} (${list(columns)}) overriding system value
    select ${list(columns)} from json_populate_recordset(null::${escapeIdentifier(name)}, $1::json)`;
  let count = 0;
  const write = async (lines: readonly string[]): Promise<void> => {
    for (let i = 0; i < lines.length; i += rowsAtOnce) {
      await client.query(insert, [`[${lines.slice(i, i + rowsAtOnce).join(',')}]`]);
    }
    count += lines.length;
  };
  await pipeline(createReadStream(fileOf(folder, name)), createGunzip(), async (chunks: AsyncIterable<Buffer>) => {
    const decoder = new TextDecoder();
    let begun = '';
    for await (const chunk of chunks) {
      const lines = (begun + decoder.decode(chunk, { stream: true })).split('\n');
      begun = lines.pop() ?? '';
      await write(lines);
    }
  });
  return count;
}

function list(columns: readonly string[]): string {
  return columns.map((column) => escapeIdentifier(column)).join(', ');
}

function fileOf(folder: string, table: string): string {
  return join(folder, `${table}.jsonl.gz`);
}
