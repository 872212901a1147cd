// Authorities for a command as the callers of the table have them: real ones, and those that must not pass for it.
import { decodeJwt, importJWK, SignJWT, UnsecuredJWT, type JWTPayload } from 'jose';
import { expect } from 'vitest';
import { authorityAudience, authorityType, digestOfData } from '../../../shared/access/check-authority.ts';
import type { World } from '../../api/testing/people.ts';
import { forge, signByContext, type Caller, type Callers } from './callers.ts';

export type Asked = { type: string; source: string; id: string; data: unknown };

/** Undefined for nobody. Whose session has ended got theirs before it did. */
export async function authorityOf(
  world: World,
  { tokenOf, claimsOf }: Callers,
  caller: Caller,
  asked: Asked,
  owner?: number,
): Promise<string | undefined> {
  const { issuer } = world.bank;
  switch (caller) {
    case 'anonymous':
      return undefined;
    case 'customer':
    case 'other customer':
    case 'teller':
      return givenAuthority(world, asked, await tokenOf(caller, owner));
    case 'removed teller':
    case 'signed-out session':
      return sign(issuer, authorityClaims(asked, await claimsOf(caller)));
    case 'expired':
      return sign(issuer, { ...authorityClaims(asked, await claimsOf('teller')), exp: seconds() - 60 });
    case 'forged signature':
      return forge(await sign(issuer, authorityClaims(asked, await claimsOf('teller'))));
    case 'unsigned':
      return new UnsecuredJWT(decodeJwt(await sign(issuer, authorityClaims(asked, await claimsOf('teller'))))).encode();
    case 'signed by another context': {
      const claims = authorityClaims(asked, await claimsOf('teller'));
      const { iss, aud } = decodeJwt(await sign(issuer, claims));
      return signByContext(issuer.eventSigningKeys, { ...claims, iss: iss ?? '', aud: aud ?? '' }, authorityType);
    }
  }
}

async function givenAuthority({ bank }: World, body: Asked, token: string | undefined): Promise<string> {
  const answer = await bank.request<{ authority: string }>('POST', '/command-authorities', { token, body });
  expect(answer.status).toBe(201);
  return answer.body.authority;
}

function authorityClaims({ data, ...named }: Asked, { sub, role, sid }: JWTPayload): JWTPayload {
  return { sub: sub ?? '', role, sid, ...named, data_sha256: digestOfData(data), exp: seconds() + 600 };
}

async function sign({ signingKey, jwtIssuer }: World['bank']['issuer'], claims: JWTPayload): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'EdDSA', typ: authorityType, kid: signingKey.kid ?? '' })
    .setIssuer(jwtIssuer)
    .setAudience(authorityAudience)
    .sign(await importJWK(signingKey, 'EdDSA'));
}

function seconds(): number {
  return Math.floor(Date.now() / 1_000);
}
