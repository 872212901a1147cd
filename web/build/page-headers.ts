// The headers that every page and file of the web UI is served with, by the local gateway and by the edge of a cluster alike.

/** Paths that have a page of their own; every other one without an ending is the application's. */
export const ownPages: Readonly<Record<string, string>> = { '/docs': '/docs.html' };

/**
 * Only what we serve ourselves runs, is shown, or is asked. No inline script or style, no frame around us, and markup from text only
 * through Svelte's own templates (Trusted Types).
 */
function contentSecurityPolicy(trustedTypes: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    `trusted-types ${trustedTypes}`,
  ].join('; ');
}

/** Whose policies are trusted: Svelte's; on the documentation's page DOMPurify's, which Swagger UI has in it, and the page's own. */
const policies = {
  application: contentSecurityPolicy('svelte-trusted-html'),
  documentation: contentSecurityPolicy('dompurify default'),
} as const;

/** `file` as it is served, `/docs.html`. */
export function policyOf(file: string): string {
  return Object.values(ownPages).includes(file) ? policies.documentation : policies.application;
}

export const pageHeaders = {
  'content-security-policy': policies.application,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;

/** Files under /assets carry a hash of their content in their name; all others are asked for again each time. */
export function cachingOf(path: string): string {
  return path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
}

/** By the ending of a file's name; what has none of these is not for browsers (Vite's manifest). */
export const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.webmanifest': 'application/manifest+json',
};
