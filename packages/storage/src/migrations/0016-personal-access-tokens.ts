// Version 16: access tokens that people make themselves. Each is a grant with one opaque access token, and what it is
// called, which is all that is kept here.

export const personalAccessTokens = (): readonly string[] => [
  `CREATE TABLE personal_access_tokens (
    grant_id TEXT NOT NULL PRIMARY KEY REFERENCES grants (id) ON DELETE CASCADE,
    name TEXT NOT NULL
  )`,
];
