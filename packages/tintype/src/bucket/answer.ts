import { S3Refusal } from './refusal.ts'
import type { S3Answer } from './send.ts'
import { type Document, readXml, type Shape, UnreadableAnswer } from './xml.ts'

/**
 * The document in a successful answer. S3 may answer 200 and put an error into the body.
 * @throws {S3Refusal} where it has
 * @throws {UnreadableAnswer} for anything else than the document that was asked for
 */
export function documentIn<Field extends string, ItemField extends string = never>(
  answer: S3Answer,
  shape: Shape<Field, ItemField>,
): Document<Field, ItemField> {
  const text = answer.body.toString()
  try {
    return readXml(text, shape)
  } catch (error) {
    const refusal = new S3Refusal(answer)
    throw refusal.name === 'S3Refusal' ? error : refusal
  }
}

/** What S3 always says. @throws {UnreadableAnswer} where it has not */
export function present(value: string | undefined, what: string): string {
  if (value === undefined || value === '') throw new UnreadableAnswer(`S3 answered without ${what}.`)
  return value
}
