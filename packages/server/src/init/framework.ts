export const frameworks = ['next', 'express', 'fastify', 'hono'] as const
export type Framework = (typeof frameworks)[number]
/** Those in which one file makes the app. */
export type Server = Exclude<Framework, 'next'>
