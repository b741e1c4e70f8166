import Foundation
import TestSupport
import Testing

extension BootedTests {
  /// The daemon as a service of systemd.
  @Suite struct ServiceTests {
    private let machine: BootedMachine

    init() throws { machine = try BootedMachine.installed() }

    private func mainProcess() throws -> String { try machine.property("MainPID") }

    private func dropIn(_ text: String) throws {
      try machine.write("/etc/systemd/system/reviewd.service.d/test.conf", "[Service]\n\(text)\n")
      try machine.sh("systemctl daemon-reload")
    }

    @Test func startingSaysWhatIsInForceAndWhatComesNext() throws {
      #expect(try machine.property("ActiveState") == "active")
      #expect(
        try machine.property("StatusText").wholeMatch(of: /11 rules for 2 services; next evaluation at .*Z/) != nil)
      #expect(try machine.sh("systemctl status reviewd --no-pager").contains("Status: \"11 rules for 2 services"))
      // Nothing but what reviewd itself says.
      try machine.sh("systemctl reload reviewd; reviewctl services")
      #expect(
        try machine.run(
          "journalctl -q -t reviewd -t reviewctl --no-pager -o cat | grep -v -e '^rules in force' -e 'is ready$' -e '^warning:' -e '^an empty database' -e '^ ' -e warning: -e '^11 rules for'"
        ).output == "")
    }

    @Test func aCallOfSomebodyInTheGroupStartsAStoppedDaemon() throws {
      try machine.sh(
        "systemctl stop reviewd.service; useradd --system ops; useradd --system stranger; usermod -aG reviewd ops")
      #expect(try machine.property("ActiveState") == "inactive")
      #expect(try machine.sh("stat -c '%U %G %a' /run/reviewd/reviewd.sock") == "reviewd reviewd 660")
      let refused = try machine.run("setpriv --reuid stranger --regid stranger --clear-groups reviewctl services")
      #expect(refused.status == 5)
      #expect(refused.errors.contains("you may not use this socket"))
      #expect(try machine.property("ActiveState") == "inactive")
      let services = try machine.sh("setpriv --reuid ops --regid ops --init-groups reviewctl services")
      #expect(services.contains("web-shop"))
      #expect(try machine.property("ActiveState") == "active")
    }

    @Test func reloadingGoodRulesPutsThemInForceAndBrokenOnesFailAloud() throws {
      let process = try mainProcess()
      try machine.write(
        "/etc/reviewd/rules.d/mine.yaml",
        "rules:\n  - {id: mine, title: Mine, upon: {event: change}, review: {due: 3 days}}\n")
      try machine.sh("systemctl reload reviewd")
      #expect(try machine.property("StatusText").hasPrefix("12 rules for 2 services"))

      try machine.write("/etc/reviewd/rules.d/mine.yaml", "rules:\n  - {id: mine, title: Mine, upon: {event: chnge}}\n")
      #expect(try machine.run("systemctl reload reviewd").status != 0)
      #expect(try machine.property("ActiveState") == "active")
      #expect(
        try machine.property("StatusText").hasPrefix(
          "1 error in the rules: the old ones stay in force; 12 rules for 2 services"))
      let log = try machine.sh("journalctl -u reviewd.service -o cat --no-pager")
      #expect(log.contains("mine.yaml:2:43: error: undeclared event type 'chnge': did you mean 'change'?"))
      let announced = try machine.sh("journalctl MESSAGE_ID=5c1f0f0b8d6e4a5fb2a3d0c6e7914a08 -x --no-pager")
      #expect(announced.contains("The rules were not loaded: 1 error"))
      #expect(announced.contains("'reviewctl rules check' shows each mistake"))
      #expect(try machine.sh("reviewctl event change --service payments").contains("opened review"))
      #expect(try mainProcess() == process)
    }

    @Test func whatIsAnnouncedIsFoundByItsServiceWithHelp() throws {
      try machine.sh("reviewctl event incident --service web-shop severity=1")
      let found = try machine.sh("journalctl REVIEWD_SERVICE=web-shop -x --no-pager")
      #expect(found.contains("Review after a major incident"))
      #expect(found.contains("'reviewctl show "))
      #expect(try machine.run("journalctl REVIEWD_SERVICE=payments -q --no-pager").output == "")
    }

    /// Somebody who holds the database's lock is as good as a deadlock: the loop waits for it and cannot feed the
    /// watchdog.
    @Test func aLoopThatIsStuckIsKilledByTheWatchdogAndStartedAgain() throws {
      try dropIn("WatchdogSec=1\nRestartSec=100ms")
      try machine.sh("systemctl restart reviewd")
      let process = try mainProcess()
      let hold = """
        python3 -c 'import sqlite3, time
        database = sqlite3.connect("/var/lib/reviewd/reviewd.sqlite", isolation_level=None)
        database.execute("BEGIN IMMEDIATE"); open("/tmp/held", "w"); time.sleep(4)'
        """
      try machine.sh(
        "\(hold.replacingOccurrences(of: "\n        ", with: "\n")) & until [ -e /tmp/held ]; do :; done; reviewctl event incident --service web-shop severity=1 || true; wait"
      )
      try machine.wait(
        until:
          "[ $(systemctl show -P NRestarts reviewd) -ge 1 ] && [ $(systemctl show -P ActiveState reviewd) = active ]")
      #expect(try mainProcess() != process)
      #expect(try machine.sh("journalctl -u reviewd.service -o cat --no-pager").contains("Watchdog timeout"))
      #expect(try machine.sh("reviewctl event incident --service payments severity=1").contains("opened review"))
    }

    @Test func afterKillNineItIsStartedAgainWithAllThatWasAcknowledged() throws {
      try dropIn("RestartSec=100ms")
      try machine.sh("systemctl restart reviewd; reviewctl event incident --service web-shop severity=1")
      let process = try mainProcess()
      try machine.sh("kill -9 \(process)")
      try machine.wait(
        until: "[ $(systemctl show -P NRestarts reviewd) = 1 ] && [ $(systemctl show -P ActiveState reviewd) = active ]"
      )
      #expect(try mainProcess() != process)
      #expect(try machine.sh("reviewctl list --output csv").contains("web-shop"))
    }

    @Test func itStopsWithinTwoSecondsUnderLoad() throws {
      try machine.sh(
        """
        { echo time,service,indicator,value; for i in $(seq 200000); do echo "$((1767225600 + i * 60)),web-shop,availability,99.9"; done; } |
          awk -F, 'NR == 1 {print; next} {print strftime("%Y-%m-%dT%H:%M:%SZ", $1, 1) "," $2 "," $3 "," $4}' >/tmp/samples.csv
        """)
      try machine.sh(
        """
        for client in 1 2 3; do systemd-run -q sh -c 'while reviewctl import /tmp/samples.csv; do :; done'; done
        systemd-run -q sh -c 'while reviewctl rules replay --from -10y; do :; done'
        """)
      try machine.wait(
        until: "[ $(reviewctl status --output json | grep -o '\"samples\" *: *[0-9]*' | grep -o '[0-9]*$') -gt 1000 ]")
      let busy = try machine.sh("pgrep -c reviewctl")
      // Without the socket, so that the next piece of the import does not start it again.
      let took = try machine.sh(
        "begin=$(date +%s%N); systemctl stop reviewd.socket reviewd.service; echo $((($(date +%s%N) - begin) / 1000000))"
      )
      #expect(try #require(Int(took)) < 2000)
      #expect(try machine.property("Result") == "success")
      #expect(try machine.property("ExecMainStatus") == "0")
      #expect(try #require(Int(busy)) >= 3, "the load had ended")
      print("stopped under load in \(took) ms")
    }

    @Test func settingsThatTheManagerHandsOverWinOverTheFile() throws {
      try machine.write("/etc/credstore/reviewd.yaml", "log_level: debug\ncatch_up: 3 days\n")
      try machine.sh("chmod 600 /etc/credstore/reviewd.yaml; systemctl restart reviewd")
      #expect(try machine.property("ActiveState") == "active")
      try machine.write("/etc/credstore/reviewd.yaml", "catch_up: never\n")
      #expect(try machine.run("systemctl restart reviewd").status != 0)
      #expect(
        try machine.sh("journalctl -u reviewd.service -o cat --no-pager").contains(
          "/reviewd.yaml:1:11: error: 'catch_up'"))
      // Nobody but an administrator can mend that: it is not started again and again.
      #expect(try machine.property("NRestarts") == "0")
      #expect(try machine.property("ExecMainStatus") == "78")
    }
  }
}
