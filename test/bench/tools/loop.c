/* The least that moves bytes between two processes: `loop listen PATH` copies one connection to
 * stdout, `loop connect PATH` copies stdin to a connection; 256 KiB at a time. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { SIZE = 262144 };

static int copy(int from, int to) {
  char *buffer = NULL;
  if (posix_memalign((void **)&buffer, 4096, SIZE) != 0) return 1;
  for (;;) {
    ssize_t bytes = read(from, buffer, SIZE);
    if (bytes <= 0) return bytes == 0 ? 0 : 1;
    for (ssize_t at = 0; at < bytes;) {
      ssize_t written = write(to, buffer + at, bytes - at);
      if (written < 0) return 1;
      at += written;
    }
  }
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, argv[2], sizeof address.sun_path - 1);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (strcmp(argv[1], "connect") == 0) {
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) return 1;
    return copy(0, fd);
  }
  if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, 1) != 0) return 1;
  return copy(accept(fd, NULL, NULL), 1);
}
