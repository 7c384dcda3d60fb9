// What the bench and the tests use of `oidc-provider`, which ships without types.

declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  interface RegistrationContext {
    readonly oidc: { readonly body: Readonly<Record<string, unknown>> };
  }

  export class Provider {
    constructor(issuer: string, configuration: object);
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
    interactionDetails(
      request: IncomingMessage,
      response: ServerResponse,
    ): Promise<{ params: Readonly<Record<string, unknown>> }>;
    interactionFinished(request: IncomingMessage, response: ServerResponse, result: object): Promise<void>;
    on(
      event: 'registration_create.success',
      listener: (context: RegistrationContext, client: { clientId: string }) => void,
    ): void;
    readonly Client: { readonly adapter: { destroy(id: string): Promise<void> } };
    readonly Grant: new (properties: object) => {
      addOIDCScope(scope: string): void;
      addResourceScope(resource: string, scope: string): void;
      save(): Promise<string>;
    };
  }
}
