/**
 * The frames that Ink makes with `debug`: whole, each at once, and not drawn.
 *
 * Its own way of rewriting what stands there would clear the scrollback when a frame is as high as the window.
 */
import { type Instance, render } from 'ink'
import type { Terminal } from './terminal.ts'

/** Draws `node` in frames, each told to `onframe`. */
export function renderFrames(
  node: React.ReactNode,
  { stdin, stdout }: Terminal,
  onframe: (frame: string) => void,
): Instance {
  const options = { debug: true, exitOnCtrlC: false, patchConsole: false }
  return render(node, { stdin, stdout: framesOf(stdout, onframe), ...options })
}

/** An output for Ink: what it writes are frames, told to `onframe`; all else that it asks is the terminal's own. */
function framesOf(stdout: NodeJS.WriteStream, onframe: (frame: string) => void): NodeJS.WriteStream {
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
