/** Names the setting that is wrong, and says what would be right. Never holds a secret. */
export class ConfigError extends Error {}
