// Tintype starts child processes and uses native modules: it stays outside of the bundle.
export default { serverExternalPackages: ['tintype', '@tintype/local-s3'] }
