/**
 * Handlers: connect, run a command, read its reply, close; one caller at a time, and eight. The clock is
 * the caller's own, a Node program in every row, from its first call to its last reply. The command is
 * `echo hi`; lswarm's calls also await the exit status, which the others do not tell.
 */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import {
  allReady,
  freshPath,
  freshTopic,
  inTurns,
  LSWARM,
  TOOLS,
  table,
  until,
  withJobs,
} from './harness.mjs'

export const peers = ['socat', 's6', 'ucspi']

const REFERENCE = 'socat UNIX-LISTEN,fork EXEC'
const CALLS = 200

/** Who answers on `$SOCKET` with a command for each connection. */
const SERVERS = [
  { name: REFERENCE, needs: 'socat', script: "socat UNIX-LISTEN:$SOCKET,fork,backlog=128 EXEC:'echo hi'" },
  { name: 's6-ipcserver', needs: 's6', script: 's6-ipcserver $SOCKET echo hi' },
  { name: 'unixserver', needs: 'ucspi', script: 'unixserver -q $SOCKET echo hi' },
]

export async function compare({ runs, peers: there, progress, show }) {
  for (const atOnce of [1, 8]) {
    const rows = [
      { name: 'lswarm exec', run: () => swarmed(atOnce) },
      ...SERVERS.filter(({ needs }) => there.has(needs)).map((server) => ({
        name: server.name,
        run: () => served(server.script, atOnce),
      })),
    ]
    const measured = await inTurns(rows, runs, (text) => progress(`${atOnce} at once, ${text}`))
    const title = `exec: ${CALLS} commands, ${atOnce === 1 ? 'one at a time' : `${atOnce} at once`}`
    const columns = [{ title: 'commands/s', of: 'seconds', as: 'rate' }]
    show(table({ title, reference: REFERENCE, columns, rows, ...measured }))
  }
}

function swarmed(atOnce) {
  return withJobs(async (start) => {
    const variables = {
      TOPIC: freshTopic(),
      AT_ONCE: atOnce,
      COUNT: CALLS,
      CALLER: join(TOOLS, 'caller.mjs'),
    }
    await allReady([start(`${LSWARM} exec $TOPIC --ready -- echo hi`, variables)])
    return timed(start('"$NODE" "$CALLER" topic $TOPIC $COUNT $AT_ONCE', variables))
  })
}

function served(script, atOnce) {
  return withJobs(async (start) => {
    const socket = freshPath('sock')
    const variables = { SOCKET: socket, AT_ONCE: atOnce, COUNT: CALLS, CALLER: join(TOOLS, 'caller.mjs') }
    start(script, variables)
    await until(() => existsSync(socket))
    return timed(start('"$NODE" "$CALLER" socket $SOCKET $COUNT $AT_ONCE', variables))
  })
}

async function timed(caller) {
  await caller.hears(/seconds [\d.]+\n/, 'stdout')
  await caller.done()
  return { seconds: Number(/seconds ([\d.]+)/.exec(caller.stdout)?.[1]) }
}
