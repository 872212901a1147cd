// Files that no server of Vite's may hand out, wherever they are: patterns for `server.fs.deny`, whose defaults are among them.
export const neverServed = [
  '.*',
  '**/.git/**',
  '**/.microbank/**',
  '{secrets,signing-key,teller,demo,running}.json*',
  '*.{crt,pem,key,p12,pfx,cer,der}',
];
