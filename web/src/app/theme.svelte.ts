// Light, dark, or as the system has it. Kept by the browser; applied before the first paint by public/before.js.

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const storageName = 'microbank.theme';

class CurrentTheme {
  #chosen = $state<Theme>(read());

  get chosen(): Theme {
    return this.#chosen;
  }

  choose(theme: Theme): void {
    this.#chosen = theme;
    if (theme === 'system') {
      localStorage.removeItem(storageName);
      delete document.documentElement.dataset['theme'];
    } else {
      localStorage.setItem(storageName, theme);
      document.documentElement.dataset['theme'] = theme;
    }
  }
}

function read(): Theme {
  return themes.find((theme) => theme === localStorage.getItem(storageName)) ?? 'system';
}

export const theme = new CurrentTheme();
