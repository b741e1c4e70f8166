import Foundation
import TestSupport
import Testing

extension BootedTests {
  /// The unit as it is shipped, at a size that killed it before.
  @Suite struct BootedAttackTests {
    @Test func theWatchdogOfTheUnitSurvivesTwentyThousandOpeningsAtOneInstant() throws {
      let machine = try BootedMachine()
      try machine.sh(
        """
        mkdir -p /etc/reviewd/services.d /etc/reviewd/rules.d
        { echo services:; for i in $(seq 10000); do echo "  - {id: a$i, name: S, in_service_since: 2026-01-01}"; done; } >/etc/reviewd/services.d/a.yaml
        { echo services:; for i in $(seq 10000); do echo "  - {id: b$i, name: S, in_service_since: 2026-01-01}"; done; } >/etc/reviewd/services.d/b.yaml
        for file in 20-intervals 30-events 40-conditions; do ln -s /dev/null /etc/reviewd/rules.d/$file.yaml; done
        """)
      // On the grid, for all at once.
      try machine.write(
        "/etc/reviewd/rules.d/mine.yaml",
        """
        rules:
          - id: never-reviewed
            title: Never reviewed
            when: {review: opened, of: any, in_last: 30 days, equals: 0}
            evaluate_every: 1 minute
            merge: never

        """)
      try machine.install(try #require(BootedMachine.package))
      let process = try machine.property("MainPID")
      try machine.wait(until: "reviewctl status --output json | grep -q '\"pending\" : 20000'", seconds: 120)
      #expect(try machine.property("NRestarts") == "0")
      #expect(try machine.property("MainPID") == process)
      try expectRoom(machine, "20,000 reviews opened")
    }

    @Test func noAttackReachesTheMemoryThatTheUnitAllows() throws {
      let machine = try BootedMachine()
      try machine.sh(
        """
        mkdir -p /etc/reviewd/services.d /etc/reviewd/rules.d
        { echo services:; for i in $(seq 2000); do echo "  - {id: a$i, name: S, in_service_since: 2026-01-01}"; done; } >/etc/reviewd/services.d/a.yaml
        """)
      try machine.write("/etc/reviewd/rules.d/mine.yaml", "rules:\n  - {id: monthly, title: Monthly, every: 1 month}\n")
      try machine.install(try #require(BootedMachine.package))
      let process = try machine.property("MainPID")
      let script = try String(
        contentsOfFile: "\(projectDirectory)/Tests/IntegrationTests/attack-memory.py", encoding: .utf8)
      try machine.write("/root/attack-memory.py", script)
      let attacks = try machine.sh("python3 /root/attack-memory.py").split(separator: "\n")
      #expect(attacks.count == 8, "\(attacks)")
      #expect(try machine.property("NRestarts") == "0")
      #expect(try machine.property("MainPID") == process)
      #expect(try machine.sh("reviewctl event incident --service a1 severity=1").contains("taken"))
      try expectRoom(machine, "attacks, \(attacks.joined(separator: ", "))")
    }

    private func expectRoom(_ machine: BootedMachine, _ what: String) throws {
      let peak = try machine.sh("awk '$1 == \"VmHWM:\" {print $2}' /proc/$(systemctl show -P MainPID reviewd)/status")
      let limit = try #require(UInt64(try machine.property("MemoryMax")))
      let peakBytes = try #require(UInt64(peak)) * 1024
      print(
        "\(what) under the unit as shipped: memory \(peakBytes >> 20) MiB at most of \(limit >> 20) MiB, no restart")
      #expect(peakBytes < limit)
    }
  }
}
