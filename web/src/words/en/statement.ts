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
    print: 'Print',
    nothing: 'Nothing was booked in this period.',
    utc: 'Days begin and end at midnight UTC.',
  },
};
