// What is said of commands on their way, in English.

export const commands = {
  pending: {
    sending: (what: string) => `${what}: on its way …`,
    connection: (what: string) =>
      `${what}: no connection. It is kept, and sent once you are back; the money moves once.`,
    bank: (what: string) => `${what}: the bank is busy. We keep trying; the money moves once.`,
    done: (what: string) => `${what}: done.`,
    refused: (what: string, why: string) => `${what}: not done. ${why}`,
    unknown: (what: string) =>
      `${what}: we could not find out in time what became of it. Look at the account’s transactions.`,
    receipt: 'Receipt',
  },
  commandNames: {
    'POST /deposits': (amount: string) => `Deposit of ${amount}`,
    'POST /withdrawals': (amount: string) => `Withdrawal of ${amount}`,
    'POST /transfers': (amount: string) => `Transfer of ${amount}`,
    'POST /accounts': () => 'Opening of an account',
    'DELETE /accounts/{id}': () => 'Closing of an account',
    'POST /transactions/{id}/reversal': () => 'Reversal',
  },
};
