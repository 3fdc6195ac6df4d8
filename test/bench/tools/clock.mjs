/** `clock.mjs BYTES`: reads stdin, and says on stderr when its first byte was there (`first`), and when so many were (`all`). */
import process from 'node:process'

const wanted = Number(process.argv[2])
let bytes = 0
for await (const chunk of process.stdin) {
  if (bytes === 0) process.stderr.write('first\n')
  bytes += chunk.length
  if (bytes === wanted) process.stderr.write('all\n')
}
