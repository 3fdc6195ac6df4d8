/** How a socket comes to listen, where this Node has no short way. */
import { Server } from 'node:net'
import { defer } from './helpers/scene.ts'
import { joinAll, overSockets, untilConnected } from './helpers/ways.ts'

overSockets('where Node has no short way to listen, peers meet all the same', async (t, meeting) => {
  const direct: unknown = Reflect.get(Server.prototype, '_listen2')
  // Hidden from us; what `listen` itself calls then is that of today.
  let asked = 0
  const get = () => (asked++ % 2 === 0 ? undefined : direct)
  Object.defineProperty(Server.prototype, '_listen2', { configurable: true, get })
  defer(t, () =>
    Object.defineProperty(Server.prototype, '_listen2', {
      configurable: true,
      writable: true,
      value: direct,
    }),
  )
  const [alice, bob] = [meeting.create(), meeting.create()]
  await joinAll('room', alice, bob)
  await untilConnected(1, alice, bob)
})
