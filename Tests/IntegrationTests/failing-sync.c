/* Put before the C library by LD_PRELOAD: lets the syncs of a process fail from REVIEWD_FAIL_FIRST to REVIEWD_FAIL_LAST, counted from 1 over all threads,
   and writes a byte for each to REVIEWD_SYNC_LOG. */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_long count;

static long limit(const char *name) {
  const char *text = getenv(name);
  return text ? atol(text) : 0;
}

static void note(void) {
  const char *path = getenv("REVIEWD_SYNC_LOG");
  int log = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
  if (log < 0) return;
  if (write(log, ".", 1) != 1) abort();
  close(log);
}

static int synchronise(long call, int descriptor) {
  note();
  long number = atomic_fetch_add(&count, 1) + 1;
  if (number >= limit("REVIEWD_FAIL_FIRST") && number <= limit("REVIEWD_FAIL_LAST")) {
    errno = EIO;
    return -1;
  }
  return (int)syscall(call, descriptor);
}

int fdatasync(int descriptor) { return synchronise(SYS_fdatasync, descriptor); }

int fsync(int descriptor) { return synchronise(SYS_fsync, descriptor); }
