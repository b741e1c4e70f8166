#pragma once
#include <malloc.h>
#include <sys/timerfd.h>
#include <sys/file.h>
#include <sys/timex.h>
#include <sys/types.h>
#include <time.h>

/* struct ucred of socket(7), which Glibc's module leaves out. */
struct peer_credentials {
  pid_t pid;
  uid_t uid;
  gid_t gid;
};

#include <wchar.h>
/* Declared by wchar.h only for X/Open sources. */
extern int wcwidth(wchar_t character);
