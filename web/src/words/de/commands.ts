// What is said of commands on their way, in German.
import type { commands as english } from '../en/commands.ts';
import type { Translated } from '../translated.ts';

export const commands: Translated<typeof english> = {
  pending: {
    sending: (what) => `${what}: unterwegs …`,
    connection: (what) =>
      `${what}: keine Verbindung. Der Auftrag bleibt gespeichert und wird gesendet, sobald Sie wieder verbunden sind; das Geld bewegt sich genau einmal.`,
    bank: (what) =>
      `${what}: Die Bank ist gerade ausgelastet. Wir versuchen es weiter; das Geld bewegt sich genau einmal.`,
    done: (what) => `${what}: ausgeführt.`,
    refused: (what, why) => `${what}: nicht ausgeführt. ${why}`,
    unknown: (what) =>
      `${what}: Wir konnten nicht rechtzeitig klären, was daraus geworden ist. Sehen Sie in den Umsätzen des Kontos nach.`,
    receipt: 'Beleg',
  },
  commandNames: {
    'POST /deposits': (amount) => `Einzahlung von ${amount}`,
    'POST /withdrawals': (amount) => `Auszahlung von ${amount}`,
    'POST /transfers': (amount) => `Überweisung von ${amount}`,
    'POST /accounts': () => 'Kontoeröffnung',
    'DELETE /accounts/{id}': () => 'Kontoauflösung',
    'POST /transactions/{id}/reversal': () => 'Storno',
  },
};
