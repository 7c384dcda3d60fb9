// A store that cannot answer.

/** The store cannot be read or written now, or refuses to be opened; `message` says what to do. */
export class StorageUnavailable extends Error {
  override readonly name: string = 'StorageUnavailable';
}

/** Only the store of what is short-lived is away: nobody can log in, and everybody's tokens work and are refreshed. */
export class EphemeralUnavailable extends StorageUnavailable {
  override readonly name: string = 'EphemeralUnavailable';
}
