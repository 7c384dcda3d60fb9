// A client that nobody announced introduces itself: RFC 7591.

import type { Step } from '../play.ts';
import type { Discovered } from './discover.ts';

export const client_name = 'Sallyport demo client';

/** A program on this computer; nothing has to listen there, because the browser of this demo hands the answer over. */
const redirect_uri = 'http://127.0.0.1:33418/callback';

export interface Registered extends Discovered {
  readonly client_id: string;
  readonly redirect_uri: string;
}

export const registerClient: Step<Discovered, Registered> = {
  headline: 'The client registers itself',
  means: 'A program on a computer can keep no secret: it is a public client (RFC 7591, RFC 8252).',
  async play(scene, server) {
    const { status, document } = await scene.send({
      url: server.registration_endpoint,
      json: {
        client_name,
        redirect_uris: [redirect_uri],
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
      },
    });
    scene.equal('registered: 201', status, 201);
    scene.equal('it stays a public client', document['token_endpoint_auth_method'], 'none');
    scene.equal('and is given no secret', document['client_secret'] === undefined, true);
    scene.equal('with the redirect URI that it named', String(document['redirect_uris']), redirect_uri);
    return { ...server, client_id: scene.present('it has a client_id', document['client_id']), redirect_uri };
  },
};
