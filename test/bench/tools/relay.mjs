/** The least that Node can do: `relay.mjs listen|dial PATH`, stdin to a unix socket and the socket to stdout. */
import { connect, createServer } from 'node:net'

const [way, path] = process.argv.slice(2)

function relay(socket) {
  process.stdin.pipe(socket)
  socket.pipe(process.stdout)
}

if (way === 'listen') createServer(relay).listen(path)
else
  connect(path, function () {
    relay(this)
  })
