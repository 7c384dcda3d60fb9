// Version 15: with which words a client asked for the scopes of a grant, so that it is told them again.

export const scopeWords = (): readonly string[] => ['ALTER TABLE grants ADD COLUMN scope_words TEXT'];
