"""head -c SIZE /dev/zero and cat, joined by a bare socketpair: what is left when nothing stands between them."""

import socket
import subprocess
import sys

near, far = socket.socketpair()
reader = subprocess.Popen(["cat"], stdin=far)
far.close()
writer = subprocess.Popen(["head", "-c", sys.argv[1], "/dev/zero"], stdout=near)
near.close()
sys.exit(writer.wait() or reader.wait())
