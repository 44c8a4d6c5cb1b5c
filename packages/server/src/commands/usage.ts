/** Somebody typed a command wrongly: the message says what is right. Ends with exit code 2. */
export class UsageError extends Error {}
