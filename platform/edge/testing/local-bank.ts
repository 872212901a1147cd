// The reference: the gateway of `npm start`, with functions that answer what reached them, as the server in Kourier's place does.
import { readContracts } from '../../../eventing/contracts/contract-files.ts';
import { listen, type Listening } from '../../../functions/shared/serving/listen.ts';
import type { Listener } from '../../../functions/shared/serving/listener.ts';
import { createGateway, documentsOf } from '../../local/gateway.ts';
import { servePages } from '../../local/serve-pages.ts';

export type Reached = { host: string | undefined; method: string | undefined; url: string | undefined };

export async function startLocalBank(pagesFolder: string): Promise<Listening> {
  const contracts = await readContracts();
  const listeners = new Map(contracts.map(({ name }): [string, Listener] => [name, answerAs(name)]));
  const pages = await servePages(pagesFolder);
  return listen(createGateway({ contracts, listeners, documents: documentsOf(contracts), pages }), {
    port: 0,
    host: '127.0.0.1',
  });
}

function answerAs(name: string): Listener {
  return ({ method, url }, response) => {
    const reached: Reached = { host: `${name}.microbank.svc.cluster.local`, method, url };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(reached));
  };
}
