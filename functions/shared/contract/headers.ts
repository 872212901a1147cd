// Headers that answers and requests have to carry. Browsers may import this file.

/** Headers that every answer of the API carries. */
export const commonHeaders = { 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' } as const;

/** What a page of the bank sends with every change that its session cookie authorises. */
export const ownPageHeader = { name: 'x-requested-with', value: 'microbank-web' } as const;
