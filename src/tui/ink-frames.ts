/**
 * The frames that Ink makes with `debug`: whole, each at once, and not drawn.
 *
 * Its own way of rewriting what stands there would clear the scrollback when a frame is as high as the window.
 */

/** An output for Ink: what it writes are frames, told to `onframe`; all else that it asks is the terminal's own. */
export function framesOf(stdout: NodeJS.WriteStream, onframe: (frame: string) => void): NodeJS.WriteStream {
  return new Proxy(stdout, {
    get(target, key) {
      if (key === 'write') {
        return (frame: string, done?: () => void) => {
          // An empty one at the end only asks when all is written.
          if (frame !== '') onframe(frame)
          if (done !== undefined) queueMicrotask(done)
          return true
        }
      }
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
