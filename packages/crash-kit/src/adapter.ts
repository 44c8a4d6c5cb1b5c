/** What the kit has to be told of a backend, and nothing more. */
export interface Adapter {
  /** As tables call it. */
  name: string
  /** The program that listens on `PORT`, and its arguments; `node` is the Node that runs the kit. */
  command: readonly string[]
  /** Where it is started. @default a new folder, see {@link Given.directory} */
  cwd?: string
  /** Its environment. `PORT` and `PATH` are there already. */
  env(given: Given): Record<string, string>
  /** A path that is answered, with any status below 500, once it works. @default '/' */
  ready?: string
  /** In bytes, of the largest file that it takes: then one that is larger by a byte is sent now and then. */
  maxBytes?: number
  /** Bytes of the larger photos that are sent now and then. @default 6 MiB: more than S3's smallest part */
  largeBytes?: number
  /**
   * Sends a file as a browser would, with all requests that it takes.
   * @returns the record's id: the backend has said that the file is stored
   * @throws {Refused} when the backend has said that it doesn't take it; any other error: the outcome is unknown
   */
  upload(file: SentFile, target: Target): Promise<string>
  /** Gives the record other bytes. Throws as `upload` does. */
  replace?(id: string, file: SentFile, target: Target): Promise<void>
  /** Deletes the record and its file. Throws as `upload` does. */
  remove?(id: string, target: Target): Promise<void>
  /** All records that people would see. */
  list(target: Target): Promise<ListedRecord[]>
  /** The bytes of a record; undefined: there are none. @default its `key` is read in the bucket */
  read?(id: string, target: Target): Promise<Uint8Array | undefined>
  /** All keys that the backend's own records name, derived files among them. */
  keys: KeysOf
  /** Objects that are no uploads but notes of the backend's own. */
  ownNotes?: RegExp
  /** What the backend has for cleaning up. @default nothing: it is given some seconds */
  recovery?: Recovery
}

/** @property database of SQLite, below `directory`; @property sql a statement whose first column is a key */
export type KeysOf = { database: string; sql: string } | ((given: Given) => Promise<string[]>)

export interface Recovery {
  /** What is waited for, at most, with the backend running: what its documentation says. */
  seconds: number
  /** How it cleans up and where its documentation says so, for the report. */
  how: string
  /** Starts the clean-up, where it doesn't run by itself. */
  run?(target: Target, given: Given): Promise<void>
}

/** What the kit gives to the backend. */
export interface Given {
  /** An empty bucket, behind the proxy that fails. */
  s3: { endpoint: string; bucket: string; region: string; accessKeyId: string; secretAccessKey: string }
  /** A folder that outlives the backend's processes, such as for its database. */
  directory: string
  port: number
}

/** Where a request goes. */
export interface Target {
  /** The backend's address, once it listens: it may have been killed since the last request. */
  url(): Promise<string>
  /** The same for each repetition of one upload: an `Idempotency-Key`. */
  key: string
  /** Aborted when the kit waits no longer. */
  signal: AbortSignal
}

export interface ListedRecord {
  id: string
  /** Of its file in the bucket; may be left out where `read` is there. */
  key?: string
}

export interface SentFile {
  name: string
  type: string
  bytes: Buffer
  sha256: string
  /** A text in its first bytes that no other file has. */
  mark: string
}

/** The backend has understood the request, and doesn't do it. */
export class Refused extends Error {
  override name = 'Refused'
  readonly status: number
  constructor(status: number, text: string) {
    super(`${status} ${text}`)
    this.status = status
  }
}

/** Statuses of 4xx by which a backend asks to come again. */
const comeAgain = [408, 409, 423, 425, 429]

/**
 * The answer when it is a success.
 * @throws {Refused} for 4xx but those that ask to come again; Error for these and for 5xx: the outcome is unknown
 */
export async function succeeded(response: Response): Promise<Response> {
  if (response.status < 400) return response
  const text = (await response.text()).slice(0, 300)
  if (response.status < 500 && !comeAgain.includes(response.status)) throw new Refused(response.status, text)
  throw new Error(`${response.status} ${text}`)
}
