// Who may say what: the speakers of the bank, the facts that each records, and the questions that each may ask.

/** A bounded context, or a function of one that asks others. Each has keys of its own, and signs with nobody else's. */
export const speakers = ['users', 'ledger', 'find-payee', 'operations'] as const;
export type Speaker = (typeof speakers)[number];

type Words = {
  /** The functions whose events it records: the last step of `source`. */
  sources: readonly string[];
  /** The facts among them. */
  facts: readonly string[];
  /** What it asks other functions. */
  questions: readonly string[];
};

/** What a relay asks, whichever context's it is. */
const ofRelays = ['com.microbank.receipts.requested', 'com.microbank.receipts.pruning.requested'];

/** What is not here nobody may say. functions/tests/speakers.test.ts holds it against the contracts. */
const words: Readonly<Record<Speaker, Words>> = {
  users: {
    sources: ['edit-profile', 'register-user', 'remove-user'],
    facts: ['com.microbank.user.registered', 'com.microbank.user.changed', 'com.microbank.user.removed'],
    questions: [...ofRelays, 'com.microbank.user.release.requested', 'com.microbank.teller.dismissal.requested'],
  },
  ledger: {
    sources: [
      'close-account',
      'deposit',
      'open-account',
      'post-transaction',
      'reverse-transaction',
      'transfer',
      'withdraw',
    ],
    facts: [
      'com.microbank.account.opened',
      'com.microbank.account.closed',
      'com.microbank.transaction.completed',
      'com.microbank.transaction.refused',
    ],
    questions: [...ofRelays, 'com.microbank.user.requested'],
  },
  'find-payee': { sources: [], facts: [], questions: ['com.microbank.payee.requested'] },
  operations: { sources: [], facts: [], questions: ['com.microbank.outbox.status.requested'] },
};

export function isSpeaker(name: unknown): name is Speaker {
  return (speakers as readonly unknown[]).includes(name);
}

/** True when this speaker records facts of this type, at this source. */
export function maySay(speaker: Speaker, { type, source }: { type: string; source: string }): boolean {
  const { sources, facts } = words[speaker];
  return facts.includes(type) && sources.some((name) => source === `/microbank/${name}`);
}

/** Who alone may say this; undefined for what nobody may. */
export function speakerOf(event: { type: string; source: string }): Speaker | undefined {
  return speakers.find((speaker) => maySay(speaker, event));
}

export function mayAsk(speaker: Speaker, question: string): boolean {
  return words[speaker].questions.includes(question);
}

/** All that somebody may say, for what describes or checks it. */
export function wordsOf(speaker: Speaker): Words {
  return words[speaker];
}
