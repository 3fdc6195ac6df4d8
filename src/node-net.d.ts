import type { OnReadOpts } from 'node:net'

declare module 'node:net' {
  interface SocketConstructorOpts {
    /** Documented for `new net.Socket` since Node 12, and missing from its types. */
    onread?: OnReadOpts
    /** What Node's own servers give to the sockets that they make: a pipe that is connected, … */
    handle?: object
    /** … and is not read before the stream is. */
    manualStart?: boolean
  }
}
