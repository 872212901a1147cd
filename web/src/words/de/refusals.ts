// What is said when something is refused or cannot be done, in German.
import type { refusals as english } from '../en/refusals.ts';
import type { Translated } from '../translated.ts';
import { largestUnit } from '../largest-unit.ts';
import { plural } from '../plural.ts';

/** As they follow `in`. */
const units = {
  day: ['Tag', 'Tagen'],
  hour: ['Stunde', 'Stunden'],
  minute: ['Minute', 'Minuten'],
  second: ['Sekunde', 'Sekunden'],
} as const;

export const refusals: Translated<typeof english> = {
  problems: {
    title: 'Das hat nicht geklappt',
    unreachable: 'Die Bank ist nicht erreichbar. Prüfen Sie Ihre Verbindung und versuchen Sie es erneut.',
    outdated: 'Diese Seite ist älter als die Bank. Laden Sie sie neu.',
    unavailable: 'Die Bank ist gerade ausgelastet. Versuchen Sie es in Kürze erneut.',
    broken: 'Bei uns ist ein Fehler aufgetreten. Versuchen Sie es erneut; wenn er bleibt, nennen Sie uns diese Nummer:',
    wait: (seconds) => {
      const { unit, count } = largestUnit(seconds);
      return `Versuchen Sie es in ${plural(count, units[unit][0], units[unit][1])} wieder.`;
    },
    trace: 'Vorgangsnummer',
    passkey: {
      cancelled: 'Der Passkey wurde nicht benutzt: abgebrochen, zu spät, oder hier gibt es keinen für diese Bank.',
      known: 'Dieses Gerät hat schon einen Passkey für Sie.',
      unsupported: 'Dieser Browser kann auf dieser Seite keine Passkeys benutzen.',
    },
    codes: {
      account_closed: 'Dieses Konto ist aufgelöst.',
      account_frozen: 'Dieses Konto ist gesperrt: Es kann kein Geld abgehen.',
      account_not_empty: 'Das Konto ist noch nicht ausgeglichen.',
      account_not_found: 'Dieses Konto gibt es nicht.',
      already_frozen: 'Dieses Konto ist schon gesperrt.',
      already_reversed: 'Dieser Umsatz ist bereits storniert.',
      amount_invalid: 'Dieser Betrag ist in dieser Währung nicht möglich.',
      answer_erased: 'Diese Person hat die Bank verlassen.',
      balance_limit_exceeded: 'Der Kontostand würde höher, als ein Konto fassen kann.',
      cash_desk_closed: 'Die Kasse ist geschlossen. Am Schalter geht es.',
      cash_limit_exceeded: 'Das ist mehr Bargeld, als ein Konto am Tag bewegen darf. Am Schalter geht es.',
      currency_mismatch: 'Die beiden Konten haben verschiedene Währungen.',
      dead_letter_discarded: 'Dieses Ereignis ist schon verworfen.',
      dead_letter_not_found: 'Dieses unzustellbare Ereignis gibt es nicht mehr.',
      dead_letter_redriven: 'Dieses Ereignis ist schon verarbeitet.',
      dead_letter_unverified:
        'Wer dieses Ereignis gesendet hat, ist nicht bekannt; es kann nicht erneut zugestellt werden.',
      email_taken: 'Mit dieser E-Mail-Adresse ist schon jemand registriert.',
      forbidden: 'Das dürfen Sie nicht.',
      idempotency_key_reused: 'Dieser Auftrag wurde schon mit anderen Angaben gesendet.',
      insufficient_funds: 'Auf diesem Konto ist nicht genug Geld.',
      invalid_credentials: 'Die E-Mail-Adresse oder das Passwort ist falsch.',
      last_teller: 'Die letzte Person im Schalterdienst kann die Bank nicht verlassen.',
      not_frozen: 'Dieses Konto ist nicht gesperrt.',
      not_reversible: 'Dieser Umsatz kann nicht storniert werden.',
      notification_not_found: 'Diese Mitteilung gibt es nicht mehr.',
      overdraft_in_use: 'Das Konto ist schon weiter überzogen.',
      own_password: 'Das eigene Passwort ändern Sie im Profil.',
      own_role: 'Die eigene Rolle muss jemand anderes ändern.',
      passkey_not_found: 'Diesen Passkey gibt es nicht mehr.',
      passkey_refused: 'Dieser Passkey wurde nicht angenommen. Versuchen Sie es erneut oder auf einem anderen Weg.',
      passkey_required: 'Dazu braucht es auch Ihren Passkey.',
      passkey_taken: 'Dieser Passkey ist schon in Gebrauch.',
      password_too_weak: 'Dieses Passwort ist zu leicht zu erraten.',
      payee_cannot_receive: 'Dieser Empfänger kann die Überweisung nicht erhalten. Prüfen Sie Kontonummer und Währung.',
      payee_not_found: 'Zu dieser Adresse gibt es kein Konto in dieser Währung.',
      period_too_long: 'Der Zeitraum ist zu lang: höchstens 366 Tage.',
      redrive_in_progress: 'Das wird gerade schon erneut zugestellt.',
      reset_refused:
        'Die Adresse oder der Code ist falsch, oder der Code gilt nicht mehr. Lassen Sie sich einen neuen geben.',
      same_account: 'Beide Konten sind dasselbe.',
      session_ended: 'Ihre Sitzung ist abgelaufen. Melden Sie sich neu an.',
      session_not_found: 'Diese Sitzung ist schon beendet.',
      too_many_passkeys: 'Mehr Passkeys lassen sich nicht aufbewahren. Entfernen Sie zuerst einen.',
      too_many_attempts: 'Das wurde zu oft versucht.',
      too_many_requests: 'Aus diesem Netz kamen zu viele Anfragen.',
      too_many_streams: 'Es wurden zu viele Fenster geöffnet.',
      transaction_not_found: 'Diesen Umsatz gibt es nicht.',
      unauthenticated: 'Sie sind abgemeldet. Melden Sie sich neu an.',
      user_has_open_accounts: 'Es gibt noch offene Konten. Lösen Sie sie zuerst auf.',
      user_not_found: 'Diese Person ist nicht bei uns registriert.',
      validation_failed: 'Eine Angabe ist nicht so, wie sie sein muss.',
      wrong_password: 'Das ist nicht Ihr Passwort.',
    },
  },
  invalid: {
    required: 'Bitte ausfüllen.',
    name: 'Schreiben Sie einen Namen mit höchstens 100 Zeichen.',
    email: 'Schreiben Sie eine Adresse wie alice@example.com.',
    phone: 'Ziffern, Leerzeichen, Klammern, Punkte und Striche; 3 bis 32 Zeichen.',
    password: 'Mindestens 15 Zeichen.',
    wholeNumber: 'Eine ganze Zahl wie 42.',
    accountNumber: 'Eine Kontonummer ist eine ganze Zahl wie 42.',
    description: 'Höchstens 200 Zeichen.',
    money: {
      empty: 'Geben Sie einen Betrag ein.',
      not_a_number: 'Schreiben Sie den Betrag so:',
      other_currency: (currency) => `Dieses Konto ist in ${currency}: Schreiben Sie einen Betrag in ${currency}.`,
      negative: 'Lassen Sie das Minus weg: Ein Betrag ist mehr als null.',
      too_many_decimals: (digits) =>
        digits === 0
          ? 'Diese Währung hat keine Nachkommastellen.'
          : `Höchstens ${plural(digits, 'Nachkommastelle', 'Nachkommastellen')}.`,
      zero: 'Der Betrag muss größer als null sein.',
      too_large: 'Das ist mehr, als ein Konto fassen kann.',
    },
    moreThanAvailable: (amount) => `Mehr als die verfügbaren ${amount}.`,
    sameAccount: 'Wählen Sie ein anderes Konto als das erste.',
    period: 'Der Zeitraum endet, bevor er beginnt.',
  },
};
