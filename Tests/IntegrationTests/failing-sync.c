/* Put before the C library by LD_PRELOAD: lets the syncs of a process fail from REVIEWD_FAIL_FIRST to REVIEWD_FAIL_LAST, counted from 1 over all threads. */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_long count;

static long limit(const char *name) {
  const char *text = getenv(name);
  return text ? atol(text) : 0;
}

static int synchronise(long call, int descriptor) {
  long number = atomic_fetch_add(&count, 1) + 1;
  if (number >= limit("REVIEWD_FAIL_FIRST") && number <= limit("REVIEWD_FAIL_LAST")) {
    errno = EIO;
    return -1;
  }
  return (int)syscall(call, descriptor);
}

int fdatasync(int descriptor) { return synchronise(SYS_fdatasync, descriptor); }

int fsync(int descriptor) { return synchronise(SYS_fsync, descriptor); }
