#pragma once
#define _GNU_SOURCE
#include <sys/timerfd.h>
#include <sys/file.h>
