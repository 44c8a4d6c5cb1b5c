import { TintypeError } from '../errors.ts'
import type { Intake } from '../intake/form/intake.ts'
import type { Refusal } from '../records/ledger-types.ts'

/**
 * The same ways in, with refusals of what they bring told: of its size, type or content, or by the app. What was cut
 * off, came twice or found no room is no refusal.
 */
export function observeIntake(intake: Intake, refused: (owner: string, refusal: Refusal) => void): Intake {
  function tell(owner: string, error: unknown): void {
    if (!(error instanceof TintypeError) || !isAboutFile(error)) return
    const { code, message: detail, limit = null, file } = error
    refused(owner, { code, detail, limit, name: file?.name ?? null, uploadId: null })
  }

  async function told<T>(owner: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      tell(owner, error)
      throw error
    }
  }

  return {
    ...intake,
    receive: (incoming, options, work) => told(options.owner, () => intake.receive(incoming, options, work)),
    receiveSource: (source, sender, work) =>
      told(sender.owner, () => intake.receiveSource(source, sender, work)),
  }
}

function isAboutFile({ status, code }: TintypeError): boolean {
  return [403, 413, 415, 422].includes(status) && code !== 'idempotency_mismatch'
}
