/** What an app may say to a door about one request. */
export interface DoorOptions {
  /**
   * Below which path of this URL the API is, e.g. `/api`.
   * @default what the framework says, else what stands before the first path that the API knows
   */
  mount?: string | undefined
  /** Who asks, where the app knows it: `authenticate` is not called then. null is nobody (401). */
  owner?: string | null | undefined
  /** Where the connection comes from, for the Web door, which is not told: `authenticate: 'this-machine'` asks for it. */
  remoteAddress?: string | undefined
}

/** undefined only where nothing was said: an owner that turned out to be undefined must let nobody in. */
export function ownerGiven(options: DoorOptions): string | null | undefined {
  if (!Object.hasOwn(options, 'owner')) return undefined
  return options.owner ?? null
}
