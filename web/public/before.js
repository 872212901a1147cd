// What has to be so before anything else runs or is painted. The theme is chosen in src/app/theme.svelte.ts.

// Zod would try to make code from text, which the content security policy forbids and reports.
globalThis.__zod_globalConfig = { jitless: true };

try {
  const theme = localStorage.getItem('microbank.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // A browser that keeps nothing for us: the system's theme it is.
}
