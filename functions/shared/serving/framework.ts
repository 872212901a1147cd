// The one place that touches the functions framework: registers a function by name and gives back what serves it.
// Its own command line is not used: it drops requests on SIGTERM and takes bodies of a gigabyte.
import './without-domain.ts';
import { http } from '@google-cloud/functions-framework';
import { getTestServer } from '@google-cloud/functions-framework/testing';
import type { IncomingMessage, ServerResponse } from 'node:http';

export type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/** A listener that runs `handle` as the framework function `name`. The body has to be read before: its parsers then stand aside. */
export function registerFunction(name: string, handle: Listener): Listener {
  http(name, handle);
  // Never listens itself, so its own defaults for time-outs do not matter.
  const server = getTestServer(name);
  return (request, response) => {
    // The path has done its work; one that the framework's own router cannot decode, it would answer itself, in HTML.
    request.url = '/';
    server.emit('request', request, response);
  };
}
