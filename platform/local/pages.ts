// The web UI for the gateway: built when its sources changed, or (`npm run dev`) compiled by Vite as it is asked for.
import type { Listener } from '../../functions/shared/serving/listener.ts';
import { buildWeb } from '../../web/build/build-web.ts';
import { initialBytesMax } from '../../web/build/measure-initial.ts';
import { openDevelopmentPages } from './development-pages.ts';
import type { Surroundings } from './surroundings.ts';
import { CannotStart } from './cannot-start.ts';
import { servePages } from './serve-pages.ts';
import type { Settings } from './settings.ts';

export async function openPages(
  { hotReload }: Settings,
  { steps, undo, say }: Pick<Surroundings, 'steps' | 'undo' | 'say'>,
): Promise<Listener> {
  if (hotReload)
    return await steps.take(
      () => openDevelopmentPages(undo),
      () => 'web UI with hot reload',
    );
  const { folder } = await steps.take(
    () => {
      return buildWeb().catch((error: unknown) => {
        say(error instanceof Error ? error.message : String(error));
        throw new CannotStart('the web UI does not build; what Vite says is above', { cause: error });
      });
    },
    ({ isNew, initial: { pageBytes } }) =>
      `web UI ${isNew ? 'built' : 'as built before'}; a first visit loads ${inKilobytes(pageBytes)} of ${inKilobytes(initialBytesMax)} KB JavaScript`,
  );
  return await servePages(folder);
}

function inKilobytes(bytes: number): string {
  return (bytes / 1000).toFixed(1);
}
