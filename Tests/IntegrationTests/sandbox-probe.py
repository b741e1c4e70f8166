"""Tries one forbidden thing and prints `allowed`, or the error that forbids it. Run inside the sandbox of a unit, on a machine of
its own: scripts/machine. `allowed` also where the system call was reached and only its arguments are refused."""
import ctypes, errno, mmap, os, socket, stat, sys

libc = ctypes.CDLL(None, use_errno=True)


def call(name, *arguments, allowed=()):
    if getattr(libc, name)(*arguments) < 0:
        number = ctypes.get_errno()
        if number not in allowed:
            raise OSError(number, name)


def file(name):
    path = f"{os.environ.get('STATE_DIRECTORY', '/var/tmp')}/{name}-{os.getpid()}"
    with open(path, "w"):
        return path


def connect():
    with socket.create_connection(("127.0.0.1", 8099), timeout=5):
        pass


def send():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.sendto(b"x", ("127.0.0.1", 8099))


def run(path, *arguments):
    if not (child := os.fork()):
        try:
            os.execv(path, [path, *arguments])
        except OSError as error:
            os._exit(100 + error.errno)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        raise OSError(errno.EPERM, "killed")
    if os.WEXITSTATUS(status) > 100:
        raise OSError(os.WEXITSTATUS(status) - 100, path)
    return os.WEXITSTATUS(status)


def privileges():
    # A program that is root's and says so by its exit code: a copy of test(1) with the set-user-id bit.
    if run("/usr/lib/probe-setuid", "-w", "/usr/lib/probe-roots-file") != 0:
        raise OSError(errno.EPERM, "no new privileges")


def umask():
    if stat.S_IMODE(os.stat(file("mask")).st_mode) & 0o077 == 0:
        raise OSError(errno.EACCES, "private")


def timespec(nanoseconds):
    return ctypes.byref((ctypes.c_long * 2)(0, nanoseconds))


clock_settime = {"x86_64": 227, "aarch64": 112}[os.uname().machine]

probes = {
    "User": lambda: os.setuid(0),
    "UMask": umask,
    "CapabilityBoundingSet": lambda: os.chroot("/"),
    "NoNewPrivileges": privileges,
    "ProtectSystem": lambda: open("/etc/probe", "w"),
    "ProtectHome": lambda: open("/root/probe"),
    "PrivateTmp": lambda: open("/tmp/probe"),
    "PrivateDevices": lambda: os.mknod(f"/dev/shm/device-{os.getpid()}", stat.S_IFCHR | 0o600, os.makedev(1, 3)),
    "PrivateNetwork": connect,
    "RestrictAddressFamilies": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM),
    "IPAddressDeny": send,
    "PrivateUsers": lambda: os.chown(file("owner"), 12345, 12345),
    "PrivateIPC": lambda: call("shmget", 0x77, 0, 0),
    "ProtectHostname": lambda: call("sethostname", os.uname().nodename.encode(), len(os.uname().nodename)),
    # clock_settime(2) itself, which the library would not call: refused for its nanoseconds where it is not forbidden.
    "ProtectClock": lambda: call("syscall", clock_settime, 0, timespec(-1), allowed=(errno.EINVAL,)),
    "ProtectKernelTunables": lambda: open("/proc/sys/net/ipv4/ip_forward", "r+"),
    "ProtectKernelModules": lambda: open("/usr/lib/modules/probe"),
    # SYSLOG_ACTION_SIZE_BUFFER
    "ProtectKernelLogs": lambda: call("klogctl", 10, None, 0),
    "ProtectControlGroups": lambda: os.rmdir(os.mkdir(path := f"{sys.argv[2]}/probe-{os.getpid()}") or path),
    "ProtectProc": lambda: open("/proc/1/status"),
    "ProcSubset": lambda: open("/proc/meminfo"),
    # CLONE_NEWUTS
    "RestrictNamespaces": lambda: call("unshare", 0x04000000),
    "RestrictRealtime": lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)),
    "RestrictSUIDSGID": lambda: os.chmod(file("suid"), 0o4700),
    "RemoveIPC": lambda: open("/dev/shm/probe-ipc", "w"),
    # PER_LINUX32
    "LockPersonality": lambda: call("personality", 0x0008),
    "MemoryDenyWriteExecute": lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC),
    "NoExecPaths": lambda: run("/usr/bin/true"),
    "SystemCallArchitectures": lambda: run("/usr/lib/probe-32bit"),
    # PTRACE_TRACEME
    "SystemCallFilter=@system-service": lambda: call("ptrace", 0, 0, 0, 0),
    "SystemCallFilter=~@privileged": lambda: os.chown(file("privileged"), -1, -1),
    "SystemCallFilter=~@resources": lambda: os.setpriority(os.PRIO_PROCESS, 0, 5),
    "SystemCallErrorNumber": lambda: call("ptrace", 0, 0, 0, 0),
}

try:
    probes[sys.argv[1]]()
    print("allowed")
except OSError as error:
    print(errno.errorcode[error.errno])
