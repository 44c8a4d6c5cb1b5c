/** What an app knows of one request. */
export interface DoorOptions {
  /**
   * The path of this URL below which the API is mounted, e.g. `/api`.
   * @default what the framework says, else what stands before the first path that the API knows
   */
  mount?: string | undefined
  /** The owner, if the app knows it: `authenticate` is not called then. null is nobody (401). */
  owner?: string | null | undefined
  /** Where the connection comes from, for the Web door, which is not told: `authenticate: 'this-machine'` asks for it. */
  remoteAddress?: string | undefined
}

/** undefined only if no owner was given: one that turned out to be undefined must be refused. */
export function ownerGiven(options: DoorOptions): string | null | undefined {
  if (!Object.hasOwn(options, 'owner')) return undefined
  return options.owner ?? null
}
