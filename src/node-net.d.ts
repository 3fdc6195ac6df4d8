import type { OnReadOpts } from 'node:net'

/** Documented for `new net.Socket` since Node 12, and missing from its types. */
declare module 'node:net' {
  interface SocketConstructorOpts {
    onread?: OnReadOpts
  }
}
