// The browser of all tests that need one: Debian's Chromium, unless CHROMIUM names another.

export const launchOptions = {
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: [
    // As root it runs only without its sandbox.
    '--no-sandbox',
    '--disable-gpu',
    // It asks nobody on the network but the test's own server.
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
};
