// Who the bank is, in what it writes for others to read. Browsers may import this file.

/** `id` stands where a file wants a bank's routing number; nine characters are the most that OFX takes. */
export const bank = { name: 'microbank', id: 'MICROBANK' } as const;
