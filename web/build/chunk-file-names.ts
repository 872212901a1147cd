// Names a built file by the place of its source, so that the browser's network tab tells whose page or part it is.

type Chunk = { name: string; facadeModuleId?: string | null };

/** Rolldown fills in `[hash]`. What is not ours alone, such as a package, keeps the name that it has. */
export function chunkFileNames({ name, facadeModuleId }: Chunk): string {
  const place = /\/web\/src\/(.+)\/[^/]+$/.exec(facadeModuleId ?? '')?.[1]?.replaceAll('/', '-');
  return `assets/${place === undefined ? '' : `${place}-`}${name}-[hash].js`;
}
