// Field schemas that several events share, all in wire form.
import * as z from 'zod';

/** Integer keys of users, accounts and transactions. */
export const entityId = z.int().positive();

/** RFC 3339 with an offset; the ledger writes microseconds, so a reader keeps the text and does not go through a Date. */
export const timestamp = z.iso.datetime({ offset: true });

/** ISO 4217, alphabetic. */
export const currencyCode = z.string().regex(/^[A-Z]{3}$/);

/** Major units as a JSON number with at most the currency's decimals. */
export const wireAmount = z.number();
