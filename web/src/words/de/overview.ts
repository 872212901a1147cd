// What is said of somebody’s money at a glance, in German.
import type { overview as english } from '../en/overview.ts';
import type { Translated } from '../translated.ts';
import { plural } from '../plural.ts';

export const overview: Translated<typeof english> = {
  dashboard: {
    hello: (name) => `Guten Tag, ${name}`,
    total: 'Ihr Guthaben',
    available: (amount) => `${amount} verfügbar`,
    accounts: 'Konten',
    openAccount: 'Konto eröffnen',
    latest: 'Letzte Umsätze',
    balance: 'Kontostand der letzten 90 Tage',
    flow: 'Ein- und Ausgänge je Woche',
    income: 'Eingänge',
    spending: 'Ausgänge',
    week: 'Woche ab',
    noAccounts: 'Sie haben noch kein Konto',
    noAccountsText: 'Eröffnen Sie eines in wenigen Sekunden: Giro-, Spar- oder Geschäftskonto, in acht Währungen.',
    noTransactions: 'Noch keine Umsätze',
    noTransactionsText: 'Zahlen Sie etwas ein, dann erscheint es hier.',
    unread: 'Ungelesene Mitteilungen',
    seeAll: 'Alle anzeigen',
    currency: 'Währung',
    closedAccounts: (count) => plural(count, 'aufgelöstes Konto', 'aufgelöste Konten'),
  },
};
