// The language that pages speak, and the locale in which numbers and times are written. English comes with the first visit, others when chosen.
import { en, type Messages } from './en.ts';

export const languages = { en: 'English', de: 'Deutsch' } as const;
export type LanguageCode = keyof typeof languages;

const storageName = 'microbank.language';

class CurrentLanguage {
  code = $state<LanguageCode>('en');
  /** What is said, as typed functions and texts: `language.says.signIn.title`. */
  says = $state.raw<Messages>(en);
  /** The reader's own variant of the language where the browser names one (`en-GB`), for Intl. */
  readonly locale = $derived(navigator.languages.find((tag) => baseOf(tag) === this.code) ?? this.code);

  /** The language chosen before, or the first of the browser's that we speak; English if that cannot be loaded. */
  async start(): Promise<void> {
    const wanted = [localStorage.getItem(storageName) ?? '', ...navigator.languages].map(baseOf);
    await this.#speak(wanted.find(isLanguage) ?? 'en').catch(() => this.#speak('en'));
  }

  async choose(code: LanguageCode): Promise<void> {
    await this.#speak(code);
    localStorage.setItem(storageName, code);
  }

  async #speak(code: LanguageCode): Promise<void> {
    this.says = code === 'de' ? (await import('./de.ts')).de : en;
    this.code = code;
    document.documentElement.lang = code;
  }
}

function baseOf(tag: string): string {
  return tag.split('-')[0]?.toLowerCase() ?? '';
}

function isLanguage(code: string): code is LanguageCode {
  return code in languages;
}

export const language = new CurrentLanguage();
