// What a statement says, in English.

export const statement = {
  statement: {
    title: 'Statement',
    of: (account: string) => `Statement of ${account}`,
    period: 'Period',
    presets: { thisMonth: 'This month', lastMonth: 'Last month', last90: 'Last 90 days', thisYear: 'This year' },
    opening: 'Opening balance',
    closing: 'Closing balance',
    in: 'Total in',
    out: 'Total out',
    csv: 'Download CSV',
    otherFormats: 'For programs',
    formats: {
      ofx: 'Download OFX',
      'camt.053': 'Download camt.053 (ISO 20022)',
      qif: 'Download QIF',
    },
    bank: 'Bank',
    holder: 'Account holder',
    number: 'Account number',
    currency: 'Currency',
    timeZone: 'Time zone',
    utcOnly: 'UTC: days begin and end at midnight UTC.',
    print: 'Print',
    nothing: 'Nothing was booked in this period.',
  },
};
