// What of Swagger UI is used here; the package brings no types.
declare module 'swagger-ui-dist/swagger-ui-es-bundle.js' {
  type Options = {
    url: string;
    dom_id: string;
    validatorUrl: null;
    queryConfigEnabled: boolean;
    docExpansion: 'list' | 'full' | 'none';
    defaultModelsExpandDepth: number;
  };
  // eslint-disable-next-line no-restricted-exports -- It is what the package has.
  export default function SwaggerUI(options: Options): unknown;
}
