import Foundation
import TestSupport
import Testing

extension BootedTests {
  /// The journal as a source of events, and as the place of announcements.
  @Suite struct JournalTests {
    private let machine: BootedMachine

    init() throws {
      machine = try BootedMachine.installed()
      try machine.write(
        "/etc/reviewd/reviewd.yaml",
        """
        journal:
          - unit_failed: ["shop.service", "shop-worker@*.service"]
            event: incident
            service: web-shop
            attributes: {severity: 2, cause: {field: MESSAGE}}
          - {fields: {SYSLOG_IDENTIFIER: load, LOAD_KIND: wanted}, event: change, service: payments}

        """)
      try machine.sh("systemctl reload reviewd")
    }

    /// By the shipped rule `major-incident`.
    @Test func aUnitThatFailsOpensAReviewWithNoCommandTyped() throws {
      try machine.write("/etc/systemd/system/shop.service", "[Service]\nExecStart=/bin/false\n")
      try machine.write("/etc/systemd/system/shop-worker@.service", "[Service]\nExecStart=/bin/sh -c 'exit 7'\n")
      try machine.sh("systemctl daemon-reload; systemctl start shop.service")
      try machine.wait(
        until: "journalctl REVIEWD_KIND=opened REVIEWD_SERVICE=web-shop -q --no-pager | grep -q 'major incident'")
      let review = try machine.sh("reviewctl list --service web-shop --output csv | tail -n 1 | cut -d, -f1")
      let shown = try machine.sh("reviewctl show \(review)")
      #expect(shown.contains("rule major-incident"))
      #expect(shown.contains("incident of the journal at "))
      #expect(shown.replacing("\n", with: " ").contains("shop.service: Failed with result"))
      try machine.sh("systemctl start shop-worker@3.service")
      try machine.wait(until: "journalctl REVIEWD_KIND=joined REVIEWD_SERVICE=web-shop -q --no-pager | grep -q .")
      // Somebody else who says the same is not believed.
      try machine.sh(
        "printf 'MESSAGE_ID=d9b373ed55a64feb8242e02dbe79a49c\\nUNIT=shop.service\\nMESSAGE=forged\\n' | logger --journald; journalctl --sync; systemctl reload reviewd"
      )
      #expect(try events() == 2)
    }

    private func events() throws -> Int {
      let status = try machine.object("reviewctl status --output json")
      return try #require((status["store"] as? [String: Any])?["events"] as? Int)
    }

    @Test func sourcesThatComeLaterOrComeBackBeginWithTheEntriesFromThenOn() throws {
      let settings = """
        journal:
          - {fields: {SYSLOG_IDENTIFIER: backup}, event: change, service: payments}
          - {fields: {SYSLOG_IDENTIFIER: "restore-*"}, event: change, service: web-shop}

        """
      try machine.sh("logger -t backup before; logger -t restore-1 before; journalctl --sync")
      try machine.write("/etc/reviewd/reviewd.yaml", settings)
      try machine.sh(
        "systemctl reload reviewd; until sqlite3 /var/lib/reviewd/reviewd.sqlite 'SELECT sources FROM journal_position' | grep -q ,; do :; done"
      )
      // One is found by the journal's index, the other by its pattern alone.
      try machine.sh("logger -t backup one; logger -t restore-2 two; logger -t restored three")
      try machine.wait(until: "reviewctl status --output json | grep -q '\"journal_events\" : 2'")
      try machine.write("/etc/reviewd/reviewd.yaml", "journal: []\n")
      try machine.sh(
        "systemctl reload reviewd; until sqlite3 /var/lib/reviewd/reviewd.sqlite 'SELECT sources FROM journal_position' | grep -qx '\\[\\]'; do :; done"
      )
      try machine.sh("logger -t backup meanwhile; logger -t restore-3 meanwhile; journalctl --sync")
      try machine.write("/etc/reviewd/reviewd.yaml", settings)
      try machine.sh(
        "systemctl reload reviewd; until sqlite3 /var/lib/reviewd/reviewd.sqlite 'SELECT sources FROM journal_position' | grep -q ,; do :; done; logger -t backup again"
      )
      try machine.wait(until: "reviewctl status --output json | grep -q '\"journal_events\" : 3'")
      #expect(try events() == 3)
    }

    /// A pattern is not found by the journal's index.
    @Test func manyEntriesThatArePassedOverAreNotReadAgainAfterARestart() throws {
      try machine.write(
        "/etc/reviewd/reviewd.yaml",
        "journal: [{fields: {SYSLOG_IDENTIFIER: \"restore-*\"}, event: change, service: web-shop}]\n")
      try machine.write(
        "/root/other.py",
        """
        import socket
        journal = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        journal.connect("/run/systemd/journal/socket")
        for number in range(11000):
            journal.send(f"MESSAGE=entry {number}\\nSYSLOG_IDENTIFIER=other\\n".encode())

        """)
      let cursor = "sqlite3 /var/lib/reviewd/reviewd.sqlite 'SELECT cursor FROM journal_position'"
      try machine.sh(
        "systemctl reload reviewd; until sqlite3 /var/lib/reviewd/reviewd.sqlite 'SELECT sources FROM journal_position' | grep -q '\\[\"'; do :; done"
      )
      let before = try machine.sh(cursor)
      try machine.sh("python3 /root/other.py")
      try machine.wait(until: "[ \"$(\(cursor))\" != '\(before)' ]")
      #expect(try events() == 0)
    }

    @Test func eachOfAHundredEntriesAmongAHundredThousandIsOneEventThoughTheDaemonIsKilledInBetween() throws {
      try machine.write(
        "/root/load.py",
        """
        import socket, sys
        journal = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        journal.connect("/run/systemd/journal/socket")
        for number in range(int(sys.argv[1]), int(sys.argv[2])):
            kind = "wanted" if number % 1000 == 500 else "other"
            journal.send(f"MESSAGE=entry {number}\\nSYSLOG_IDENTIFIER=load\\nLOAD_KIND={kind}\\nLOAD_NUMBER={number}\\n".encode())

        """)
      try machine.write(
        "/etc/systemd/system/reviewd.service.d/test.conf", "[Service]\nRestartSec=100ms\n[Unit]\nStartLimitBurst=1000\n"
      )
      try machine.sh("systemctl daemon-reload; systemctl restart reviewd")
      // Killed again and again while entries come in, and stopped for a while.
      try machine.sh(
        """
        python3 /root/load.py 0 99000 & load=$!
        while kill -0 $load 2>/dev/null; do
          systemctl kill -s KILL reviewd.service 2>/dev/null || true
          until [ "$(systemctl show -P ActiveState reviewd.service)" = active ]; do :; done
        done
        systemctl stop reviewd.service; python3 /root/load.py 99000 100000
        """)
      try machine.sh("journalctl --sync; systemctl reset-failed reviewd.service; systemctl start reviewd.service")
      #expect(try machine.sh("journalctl SYSLOG_IDENTIFIER=load -q --no-pager -o cat | wc -l") == "100000")
      #expect(
        try machine.sh("journalctl SYSLOG_IDENTIFIER=load LOAD_KIND=wanted -q --no-pager -o cat | wc -l") == "100")
      try machine.wait(until: "reviewctl status --output json | grep -q '\"journal_events\" : 100'")
      // Once more, and nothing is doubled.
      let process = try machine.property("MainPID")
      try machine.sh("systemctl kill -s KILL reviewd.service")
      try machine.wait(until: "[ $(systemctl show -P MainPID reviewd) != \(process) ] && systemctl reload reviewd")
      #expect(try events() == 100)
      let restarts = try machine.sh("journalctl -u reviewd.service -o cat --no-pager | grep -c 'is ready'")
      print(
        "journal: 100,000 entries, \(try events()) events of 100 that match, the daemon was started \(restarts) times")
      #expect(try #require(Int(restarts)) > 5)
    }

    /// What is logged meanwhile starts it again, so that it may take more than one try.
    private func stopJournal() throws {
      let units =
        "systemd-journald.socket systemd-journald-dev-log.socket systemd-journald-audit.socket systemd-journald.service"
      try machine.wait(until: "systemctl stop \(units); ! logger --journald </dev/null 2>/dev/null")
    }

    @Test func announcementsWaitWhileTheJournalIsGoneAndAreSentWhenItIsBack() throws {
      try stopJournal()
      #expect(try machine.sh("reviewctl event incident --service payments severity=1").contains("opened review"))
      #expect(try machine.sh("reviewctl status").contains("1 waiting"))
      #expect(try machine.property("StatusText").hasPrefix("announcements wait for the journal"))
      try machine.sh("systemctl start systemd-journald.socket systemd-journald-dev-log.socket systemd-journald.service")
      try machine.wait(
        until: "journalctl REVIEWD_SERVICE=payments REVIEWD_KIND=opened -q --no-pager | grep -q 'major incident'")
      try machine.wait(until: "reviewctl status | grep -q '0 waiting'")
    }

    @Test func aDaemonWithoutAJournalStartsAndWorks() throws {
      try machine.sh("systemctl stop reviewd.service")
      try stopJournal()
      try machine.sh("rm -rf /var/log/journal /run/log/journal; systemctl start reviewd.service")
      #expect(try machine.property("ActiveState") == "active")
      #expect(try machine.sh("reviewctl event incident --service payments severity=1").contains("opened review"))
      try machine.sh(
        "systemctl start systemd-journald.socket systemd-journald-dev-log.socket systemd-journald.service; journalctl --sync"
      )
      try machine.wait(until: "reviewctl status | grep -q '0 waiting'")
    }
  }
}
