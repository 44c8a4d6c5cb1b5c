import { type TracingChannel, tracingChannel } from 'node:diagnostics_channel'

/**
 * What is said on the tracing channels, by the last word of each one's name: `tintype:form`, `tintype:inspect`,
 * `tintype:s3`, `tintype:commit` and `tintype:variants`. A message is one object from `start` to `asyncEnd`. It holds ids,
 * keys and sizes: no owner, no name of a file, no signed URL, no byte of a file. See docs/traces.md.
 */
export interface TraceMessages {
  /** An upload through this process, from its first byte until it is visible or refused. */
  form: {
    /** How the file comes: a form, as the body of a request, or from the app itself. */
    way: 'form' | 'body' | 'server' | 'direct' | 'resumable'
    /** How many, once they have arrived. */
    files?: number
    /** Id of the media that gets new bytes. */
    replaces?: string
  }
  /** A file is looked into: type, limits, decoding. */
  inspect: {
    bytes: number
    /** Of its bytes, once it has passed. */
    type?: string
  }
  /** An operation on the bucket, the tries of it together. */
  s3: {
    /** As the S3 API calls it, such as `PutObject`. */
    operation: string
    bucket: string
    region?: string
    /** Where the service is, when it is not AWS. */
    endpoint?: string
    key: string
    /** Bytes that are sent. */
    bytes?: number
    uploadId?: string
    partNumber?: number
    /** Key of what is copied. */
    copySource?: string
  }
  /** The transaction that makes media visible, with the app's `ready` in it. */
  commit: {
    /** Ids. */
    media: string[]
  }
  /** Smaller copies are made of one media, after its upload or on demand. */
  variants: {
    /** Id. */
    media: string
    names: string[]
  }
}

/** The last word of a channel's name. */
export type TraceKind = keyof TraceMessages

/** What Node adds to a message: at its end the error, or what the work gave, which is this library's own affair. */
export type TraceMessage<Kind extends TraceKind> = TraceMessages[Kind] & { error?: unknown; result?: unknown }

// Both parameters are the message: their order is another in the types of Node 26 than in those of Node 24.
const channels: { [Kind in TraceKind]: TracingChannel<TraceMessage<Kind>, TraceMessage<Kind>> } = {
  form: tracingChannel('tintype:form'),
  inspect: tracingChannel('tintype:inspect'),
  s3: tracingChannel('tintype:s3'),
  commit: tracingChannel('tintype:commit'),
  variants: tracingChannel('tintype:variants'),
}

export function channelOf<Kind extends TraceKind>(
  kind: Kind,
): TracingChannel<TraceMessage<Kind>, TraceMessage<Kind>> {
  return channels[kind]
}

/**
 * Does the work, and says so on the channel where somebody has subscribed. Where nobody has, that is all it does.
 * @param describe makes the message; the work gets it, to add what turns out
 */
export function traced<Kind extends TraceKind, Result>(
  kind: Kind,
  describe: () => TraceMessages[Kind],
  work: (message?: TraceMessages[Kind]) => Promise<Result>,
): Promise<Result> {
  const channel = channels[kind] as TracingChannel<object, object>
  if (!channel.hasSubscribers) return work()
  const message = describe()
  return channel.tracePromise(async () => work(message), message)
}
