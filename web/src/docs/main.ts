// The API to browse and to try, at /docs: Swagger UI on the bank's own description of itself. A page apart from the application.
import SwaggerUI from 'swagger-ui-dist/swagger-ui-es-bundle.js';
import 'swagger-ui-dist/swagger-ui.css';

type Policies = { createPolicy: (name: 'default', rules: { createHTML: (html: string) => string }) => unknown };

/**
 * Swagger UI makes elements of texts, which it has sanitised by DOMPurify, without a policy of its own (Trusted Types), so this page
 * has the one that stands in for it: for HTML alone, never for scripts or their addresses. All other pages have none.
 */
(window as { trustedTypes?: Policies }).trustedTypes?.createPolicy('default', { createHTML: (html) => html });

SwaggerUI({
  url: '/api/openapi.json',
  dom_id: '#docs',
  // Nobody else is asked whether the description is a good one.
  validatorUrl: null,
  // What is shown is the bank's, whatever the address says.
  queryConfigEnabled: false,
  docExpansion: 'list',
  defaultModelsExpandDepth: -1,
});
