// Version 18: whether what is kept of a document came from a list, because the document itself could not be had.

export const pinnedDocuments = (): readonly string[] => ['ALTER TABLE clients ADD COLUMN pinned BIGINT'];
