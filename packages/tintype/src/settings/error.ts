/**
 * An option or a variable that makes no sense. Names it, and says what would be right; shows the value only where that
 * can't hold a secret.
 */
export class ConfigError extends TypeError {}
