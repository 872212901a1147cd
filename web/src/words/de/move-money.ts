// What is said to whoever deposits, withdraws or transfers, in German.
import type { moveMoney as english } from '../en/move-money.ts';
import type { Translated } from '../translated.ts';

export const moveMoney: Translated<typeof english> = {
  move: {
    depositTitle: 'Bargeld einzahlen',
    withdrawTitle: 'Bargeld abheben',
    transferTitle: 'Geld überweisen',
    account: 'Konto',
    from: 'Von Konto',
    toOwn: 'Zwischen eigenen Konten',
    toPerson: 'An jemand anderen',
    toNumber: 'An eine Kontonummer',
    to: 'Auf Konto',
    who: 'Empfänger',
    recipient: 'E-Mail-Adresse der empfangenden Person',
    find: 'Suchen',
    found: (name) => `Die Überweisung geht an ${name}`,
    recent: 'Zuletzt überwiesen an',
    number: 'Kontonummer',
    amount: 'Betrag',
    description: 'Verwendungszweck',
    descriptionHint: 'Erscheint in den Umsätzen beider Konten',
    review: 'Prüfen',
    reviewTitle: 'Stimmt alles?',
    reviewText: 'Noch ist kein Geld bewegt worden.',
    confirm: { deposit: 'Jetzt einzahlen', withdraw: 'Jetzt abheben', transfer: 'Jetzt überweisen' },
    change: 'Ändern',
    after: 'Kontostand danach',
    sending: 'Wird gesendet …',
    receiptTitle: { deposit: 'Eingezahlt', withdrawal: 'Abgehoben', transfer: 'Überwiesen' },
    another: 'Noch einmal',
    toAccount: 'Zum Konto',
    noAccounts: 'Sie brauchen zuerst ein Konto',
    noTarget: (currency) => `Sie haben kein weiteres offenes Konto in ${currency}.`,
    details: 'An wen und wie viel',
  },
};
