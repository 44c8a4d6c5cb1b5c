/** Why an event was not delivered, where the receiver has said more than no. */
export class DeliveryError extends Error {
  override readonly name = 'DeliveryError'
  /** Milliseconds after which it wants to be asked again. */
  readonly retryAfter: number | undefined
  /** It wants no more events. */
  readonly gone: boolean

  constructor(
    message: string,
    { retryAfter, gone = false }: { retryAfter?: number | undefined; gone?: boolean } = {},
  ) {
    super(message)
    this.retryAfter = retryAfter
    this.gone = gone
  }
}
