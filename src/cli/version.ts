/** What `--version` prints. */
import about from '../../package.json' with { type: 'json' }

export const VERSION = `lswarm ${about.version}\n`
