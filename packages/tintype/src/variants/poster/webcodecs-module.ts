/** The name of the package. Apart from what loads it: its addon has all of FFmpeg inside, and is for child processes alone. */
export const webCodecsModule = '@napi-rs/webcodecs'
