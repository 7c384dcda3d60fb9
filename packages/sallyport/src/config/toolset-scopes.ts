// The scopes that a server of the configuration has, by the toolset that it names.

import type { ScopeDefinition } from '@sallyport/protocol';
import { recordsScopes } from '@sallyport/toolsets';

export const toolsetScopes: Readonly<Record<string, readonly ScopeDefinition[]>> = { records: recordsScopes };
