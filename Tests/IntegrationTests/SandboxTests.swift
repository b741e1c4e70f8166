import Foundation
import TestSupport
import Testing

extension BootedTests {
  /// Every hardening directive of the unit bites: what it forbids is tried three times on a machine of its own: without
  /// any directive, with this one alone, and in the whole sandbox of the unit.
  @Suite struct SandboxTests {
    private struct Probe {
      /// As in `sandbox-probe.py`, which does what is forbidden.
      let name: String
      /// The error in a unit with this directive alone.
      let error: String
      /// What else it takes to try it, in the units without and with the directive.
      var beside: [String] = []
    }

    private static let user = ["User=reviewd"]
    private static let exec = "ExecPaths=/usr/bin/python3 /usr/bin/python3.11"

    private static let probes = [
      Probe(name: "User", error: "EPERM"), Probe(name: "UMask", error: "EACCES"),
      Probe(name: "CapabilityBoundingSet", error: "EPERM"),
      Probe(name: "NoNewPrivileges", error: "EPERM", beside: user), Probe(name: "ProtectSystem", error: "EROFS"),
      Probe(name: "ProtectHome", error: "ENOENT"), Probe(name: "PrivateTmp", error: "ENOENT"),
      Probe(name: "PrivateDevices", error: "EPERM"), Probe(name: "PrivateNetwork", error: "ECONNREFUSED"),
      Probe(name: "RestrictAddressFamilies", error: "EAFNOSUPPORT"), Probe(name: "IPAddressDeny", error: "EPERM"),
      Probe(name: "PrivateUsers", error: "EINVAL"), Probe(name: "PrivateIPC", error: "ENOENT"),
      Probe(name: "ProtectHostname", error: "EPERM"), Probe(name: "ProtectClock", error: "EPERM"),
      Probe(name: "ProtectKernelTunables", error: "EROFS"), Probe(name: "ProtectKernelModules", error: "ENOENT"),
      Probe(name: "ProtectKernelLogs", error: "EPERM"), Probe(name: "ProtectControlGroups", error: "EROFS"),
      Probe(name: "ProtectProc", error: "ENOENT", beside: user), Probe(name: "ProcSubset", error: "ENOENT"),
      Probe(name: "RestrictNamespaces", error: "EPERM"), Probe(name: "RestrictRealtime", error: "EPERM"),
      Probe(name: "RestrictSUIDSGID", error: "EPERM"), Probe(name: "LockPersonality", error: "EPERM"),
      Probe(name: "MemoryDenyWriteExecute", error: "EPERM"),
      Probe(name: "NoExecPaths", error: "EACCES", beside: ["ExecPaths=/usr/lib /usr/lib64", exec]),
      Probe(name: "SystemCallArchitectures", error: "EPERM"),
      Probe(name: "SystemCallFilter=@system-service", error: "EPERM", beside: ["SystemCallErrorNumber=EPERM"]),
      Probe(name: "SystemCallFilter=~@privileged", error: "EPERM", beside: ["SystemCallErrorNumber=EPERM"]),
      Probe(name: "SystemCallFilter=~@resources", error: "EPERM", beside: ["SystemCallErrorNumber=EPERM"]),
    ]

    /// What makes a service of it or gives it something, and forbids nothing.
    private static let others: Set = [
      "Type", "ExecStart", "ExecReload", "Restart", "RestartSec", "RestartPreventExitStatus", "WatchdogSec",
      "TimeoutStartSec",
      "TimeoutStopSec", "LimitNOFILE", "MemoryMax", "TasksMax", "Environment", "Group", "SupplementaryGroups",
      "StateDirectory",
      "LoadCredential", "ExecPaths",
    ]

    /// The lines of the unit's service section.
    private let directives: [String]

    init() throws {
      let unit = try String(contentsOfFile: projectDirectory + "/systemd/reviewd.service", encoding: .utf8)
      let lines = unit.split(separator: "\n").map(String.init)
      let start = try #require(lines.firstIndex(of: "[Service]")), end = try #require(lines.firstIndex(of: "[Install]"))
      directives = lines[(start + 1)..<end].filter { !$0.hasPrefix("#") }
    }

    /// The whole sandbox, but for the program that is allowed to run in it.
    private var sandbox: [String] {
      let others = ["Type", "Exec", "Restart", "Watchdog", "Timeout", "LoadCredential"]
      return directives.filter { line in !others.contains { line.hasPrefix($0) } } + [
        "ExecPaths=/usr/lib /usr/lib64", Self.exec,
      ]
    }

    /// The lines that a probe is about.
    private func lines(of probe: Probe) -> [String] {
      switch probe.name {
      case "SystemCallFilter=~@privileged": ["SystemCallFilter=~@privileged"]
      case "SystemCallFilter=~@resources": ["SystemCallFilter=~@resources"]
      case let name: directives.filter { $0 == name || $0.hasPrefix(name + "=") }
      }
    }

    @Test func noDirectiveIsWithoutAProbe() {
      let ownTests: Set = ["StateDirectoryMode", "RemoveIPC", "SystemCallErrorNumber"]
      let probed = Set(Self.probes.map { String($0.name.prefix { $0 != "=" }) }).union(ownTests)
      for directive in directives {
        let name = String(directive.prefix { $0 != "=" })
        #expect(probed.contains(name) || Self.others.contains(name), "\(directive) has no probe")
      }
      for probe in Self.probes { #expect(!lines(of: probe).isEmpty, "\(probe.name) is not in the unit") }
    }

    @Test func everyDirectiveBites() throws {
      let machine = try BootedMachine.installed()
      let groups = try prepare(machine)
      var script = "systemctl stop reviewd.socket reviewd.service\n"
      for probe in Self.probes {
        script += unit("without", probe, probe.beside, groups)
        script += unit("alone", probe, probe.beside + lines(of: probe), groups)
        script += unit("whole", probe, sandbox, groups)
      }
      let results = try machine.sh(script).split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
      #expect(results.count == Self.probes.count * 3)
      for (probe, found) in zip(
        Self.probes, stride(from: 0, to: results.count, by: 3).map { results[$0..<($0 + 3)].map(\.[2]) })
      {
        #expect(found[0] == "allowed", "\(probe.name) is not allowed without it: \(found)")
        #expect(found[1] == probe.error, "\(probe.name) alone: \(found)")
        #expect(found[2] != "allowed" && found[2] != "nothing", "\(probe.name) in the whole sandbox: \(found)")
      }
    }

    /// The example for indicators that live elsewhere opens the way to what it names, and to nothing else.
    @Test func theDropInForANetworkReachesWhatItNamesAndNothingElse() throws {
      let machine = try BootedMachine.installed()
      let groups = try prepare(machine)
      try machine.sh(
        "mkdir -p /etc/systemd/system/reviewd.service.d; cp /usr/share/doc/reviewd/examples/systemd/network.conf /etc/systemd/system/reviewd.service.d/"
      )
      #expect(try machine.run("systemctl daemon-reload; systemd-analyze verify reviewd.service").output == "")
      try machine.sh("systemctl restart reviewd.service; reviewctl services")
      let example = try String(contentsOfFile: projectDirectory + "/systemd/examples/network.conf", encoding: .utf8)
      let lines = example.split(separator: "\n").map(String.init).filter { $0.contains("=") && !$0.hasPrefix("#") }
      let own = lines.map { $0.replacing("192.0.2.10", with: "127.0.0.1") }
      try machine.sh("systemctl stop reviewd.socket reviewd.service")
      let send = Probe(name: "IPAddressDeny", error: ""), connect = Probe(name: "PrivateNetwork", error: "")
      let script =
        unit("without", send, sandbox, groups) + unit("others", send, sandbox + lines, groups)
        + unit("named", send, sandbox + own, groups) + unit("named", connect, sandbox + own, groups)
      #expect(
        try machine.sh(script).split(separator: "\n").map { $0.split(separator: " ").last } == [
          "EAFNOSUPPORT", "EPERM", "allowed", "allowed",
        ])
    }

    /// Without an error number a forbidden call kills; what the user left in shared memory is gone with the unit;
    /// nobody else looks into the state.
    @Test func errorNumberRemovedMemoryAndStateDirectoryBiteToo() throws {
      let machine = try BootedMachine.installed()
      let groups = try prepare(machine)
      #expect(
        try machine.sh("stat -c '%U %a' /var/lib/reviewd /var/lib/reviewd/reviewd.sqlite") == "reviewd 700\nreviewd 600"
      )
      try machine.sh("useradd --system stranger")
      #expect(
        try machine.run("setpriv --reuid stranger --regid stranger --clear-groups ls /var/lib/reviewd").status != 0)

      let filter = "SystemCallFilter=@system-service"
      let killed = Probe(name: "SystemCallErrorNumber", error: "")
      let script =
        "systemctl stop reviewd.socket reviewd.service\n" + unit("without", killed, [filter], groups)
        + unit("alone", killed, [filter] + lines(of: killed), groups)
      #expect(
        try machine.sh(script).split(separator: "\n").map { $0.split(separator: " ").last } == ["nothing", "EPERM"])

      let memory = Probe(name: "RemoveIPC", error: "")
      for (lines, remains) in [([], 0), (lines(of: memory), 1)] as [([String], Int32)] {
        try machine.sh("rm -f /dev/shm/probe-ipc\n" + unit("alone", memory, Self.user + lines, groups))
        #expect(try machine.run("test -e /dev/shm/probe-ipc").status == remains, "\(lines)")
      }
    }

    /// - Returns: where groups of processes are made.
    private func prepare(_ machine: BootedMachine) throws -> String {
      let probe = try String(
        contentsOfFile: projectDirectory + "/Tests/IntegrationTests/sandbox-probe.py", encoding: .utf8)
      try machine.write("/usr/local/lib/probe.py", probe)
      try machine.sh(
        """
        echo secret | tee /root/probe /tmp/probe >/dev/null; mkdir -p /usr/lib/modules; echo >/usr/lib/modules/probe
        cp /usr/bin/test /usr/lib/probe-setuid; chmod 4755 /usr/lib/probe-setuid; echo >/usr/lib/probe-roots-file
        python3 -c 'import ctypes; assert ctypes.CDLL(None).shmget(0x77, 4096, 0o1666) >= 0'
        systemd-run -q --unit=listener python3 -m http.server 8099 --bind 127.0.0.1
        until (exec 3<>/dev/tcp/127.0.0.1/8099) 2>/dev/null; do :; done
        """)
      // exit(0) by int 0x80, in the smallest program of 32 bits.
      try machine.sh(
        """
        python3 - <<'E'
        import os, struct
        code = bytes.fromhex("31db" "b801000000" "cd80")
        base = 0x08048000
        header = b"\\x7fELF\\x01\\x01\\x01" + bytes(9) + struct.pack("<HHIIIIIHHHHHH", 2, 3, 1, base + 84, 52, 0, 0, 52, 32, 1, 0, 0, 0)
        segment = struct.pack("<IIIIIIII", 1, 0, base, base, 84 + len(code), 84 + len(code), 5, 4096)
        open("/usr/lib/probe-32bit", "wb").write(header + segment + code)
        os.chmod("/usr/lib/probe-32bit", 0o755)
        E
        """)
      return try machine.sh("awk '$3 ~ /^cgroup/ && $4 ~ /^rw/ {print $2}' /proc/mounts | head -n 1")
    }

    /// A script that runs a probe in a unit with some lines and prints name, variant and what became of it.
    private func unit(_ variant: String, _ probe: Probe, _ lines: [String], _ groups: String) -> String {
      """
      cat >/run/systemd/system/probe.service <<'E'
      [Service]
      Type=oneshot
      ExecStart=/usr/bin/python3 /usr/local/lib/probe.py \(probe.name) \(groups)
      StandardOutput=truncate:/run/probe-output
      \(lines.joined(separator: "\n"))
      E
      rm -f /run/probe-output; systemctl daemon-reload; systemctl start probe.service 2>/dev/null || true
      echo "\(probe.name) \(variant) $(tail -n 1 /run/probe-output 2>/dev/null | grep . || echo nothing)"

      """
    }
  }
}
