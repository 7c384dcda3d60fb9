// The registration ladder (docs/decisions/registration-ladder.md): whom the operator lets in, judged in one place from
// how a client comes. Pure, so that "what would another mode do?" can be asked of it too.

/** From the widest to the narrowest. */
export const registrationModes = ['open', 'token', 'metadata-documents', 'approval', 'closed'] as const;

export type RegistrationMode = (typeof registrationModes)[number];

export interface AdmissionPolicy {
  readonly mode: RegistrationMode;
  /** Absent: a client_id may not be the URL of a metadata document. */
  readonly metadataDocuments?: {
    /** Exact host names; absent: any. */
    readonly allowedHosts?: readonly string[] | undefined;
  };
}

/** How a client comes. */
export type Coming =
  /** RFC 7591, and what initial access token (§3) it brought: one that is good, one that is not, or none. */
  | { readonly by: 'registration'; readonly initialAccessToken: 'good' | 'bad' | 'none' }
  /** By a client_id that is the URL of its metadata document, at this host. */
  | { readonly by: 'document'; readonly host: string }
  /** The operator added it, by command or configuration. */
  | { readonly by: 'operator' };

/** Why a client is not let in: words of `refusals`. */
export type AdmissionRefusal =
  | 'registration_closed'
  | 'initial_access_token_required'
  | 'initial_access_token_refused'
  | 'registration_by_document_only'
  | 'metadata_documents_off'
  | 'document_host_refused';

export type Admission =
  | { readonly admission: 'admitted' | 'waiting' }
  | { readonly admission: 'refused'; readonly reason: AdmissionRefusal };

const admitted: Admission = { admission: 'admitted' };
const waiting: Admission = { admission: 'waiting' };
const refused = (reason: AdmissionRefusal): Admission => ({ admission: 'refused', reason });

/** Of a client that is not known yet; the operator's decision on a known one stands, whatever the mode says now. */
export function judgeAdmission(policy: AdmissionPolicy, coming: Coming): Admission {
  switch (coming.by) {
    case 'operator':
      return admitted;
    case 'document':
      return judgeDocument(policy, coming.host);
    case 'registration':
      return judgeRegistration(policy.mode, coming.initialAccessToken);
  }
}

function judgeDocument({ mode, metadataDocuments }: AdmissionPolicy, host: string): Admission {
  if (metadataDocuments === undefined) return refused('metadata_documents_off');
  const { allowedHosts } = metadataDocuments;
  // Of any host is no rule at all, and this mode's only rule is the list.
  const isAllowed = allowedHosts?.includes(host) ?? mode !== 'metadata-documents';
  if (!isAllowed) return refused('document_host_refused');
  return mode === 'approval' ? waiting : admitted;
}

function judgeRegistration(mode: RegistrationMode, token: 'good' | 'bad' | 'none'): Admission {
  // Whoever brings a good token was vouched for by the operator; only `closed` says that nobody is.
  if (mode === 'closed') return refused('registration_closed');
  if (token === 'good') return admitted;
  switch (mode) {
    // Where nobody needs a token, one that is not ours is somebody's habit: many clients send their headers everywhere.
    case 'open':
      return admitted;
    case 'approval':
      return waiting;
    case 'token':
      return refused(token === 'bad' ? 'initial_access_token_refused' : 'initial_access_token_required');
    case 'metadata-documents':
      return refused(token === 'bad' ? 'initial_access_token_refused' : 'registration_by_document_only');
  }
}

/** Whether anybody at all can use the registration endpoint, so that the metadata names it. */
export function offersRegistration({ mode }: Pick<AdmissionPolicy, 'mode'>): boolean {
  return mode !== 'closed';
}

/** What a mode means, for whoever starts the server. */
export function describeMode({ mode, metadataDocuments }: AdmissionPolicy): string {
  const hosts = metadataDocuments?.allowedHosts;
  const from = hosts === undefined ? 'any host' : hosts.join(', ');
  const documents = metadataDocuments === undefined ? '' : `; metadata documents of ${from}`;
  switch (mode) {
    case 'open':
      return `open: every client may register${documents}`;
    case 'token':
      return `token: clients register with an initial access token${documents}`;
    case 'metadata-documents':
      return `metadata-documents: only clients with a metadata document at ${from}, or an initial access token`;
    case 'approval':
      return `approval: every client may come, and waits until the operator approves it${documents}`;
    case 'closed':
      return `closed: only clients that the operator adds${documents}`;
  }
}
