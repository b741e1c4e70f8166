import Foundation
import TestSupport
import Testing

/// What the package does to a machine, and leaves there.
extension BootedTests {
  @Suite struct PackageTests {
    /// Every file outside what is made anew at each boot, what dpkg itself keeps, logs and caches.
    private static let listing = """
      find / -xdev \\( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp -o -path /share -o -path /work -o -path /var/log \
        -o -path /var/cache -o -path /var/lib/dpkg -o -path /var/lib/systemd -o -path /var/tmp -o -path /root \\) -prune -o -print | sort
      """

    @Test func purgingLeavesNothingOfWhatInstallingAndRunningMade() throws {
      let machine = try BootedMachine()
      try machine.sh(
        "\(Self.listing) >/share/before; getent passwd | sort >/share/users; journalctl --list-catalog | sort >/share/catalog"
      )
      try machine.install(try #require(BootedMachine.package))
      #expect(try machine.property("ActiveState") == "active")
      #expect(try machine.sh("systemctl is-enabled reviewd.service reviewd.socket") == "enabled\nenabled")
      #expect(try machine.sh("journalctl --list-catalog | grep -c 'service review'") != "0")
      try machine.write("/etc/reviewd/services.d/services.yaml", BootedMachine.catalogue)
      try machine.write("/etc/systemd/system/reviewd.service.d/watchdog.conf", "[Service]\nWatchdogSec=20\n")
      try machine.sh(
        "systemctl daemon-reload; systemctl reload reviewd; reviewctl event incident --service web-shop severity=1")

      try machine.sh("dpkg --remove reviewd")
      #expect(try machine.run("systemctl is-active reviewd.service reviewd.socket").output == "inactive\ninactive\n")
      #expect(try machine.sh("ls /var/lib/reviewd/reviewd.sqlite /etc/reviewd/services.d").contains("services.yaml"))
      #expect(try machine.run("test -e /usr/bin/reviewd -o -S /run/reviewd/reviewd.sock").status == 1)

      try machine.sh("dpkg --purge reviewd; systemctl daemon-reload")
      #expect(try machine.run("\(Self.listing) | diff /share/before -").output == "")
      #expect(try machine.run("getent passwd | sort | diff /share/users -").output == "")
      #expect(try machine.run("getent group reviewd; ls /run/reviewd; systemctl cat reviewd.service").output == "")
      #expect(try machine.run("journalctl --list-catalog | sort | diff /share/catalog -").output == "")
    }

    @Test(
      .enabled(
        if: BootedMachine.earlierPackage != nil, "needs the package of an earlier commit (REVIEWD_EARLIER_PACKAGE)"))
    func anUpgradeKeepsTheDatabaseAndEditedFiles() throws {
      let machine = try BootedMachine()
      try machine.install(try #require(BootedMachine.earlierPackage))
      try machine.write("/etc/reviewd/services.d/services.yaml", BootedMachine.catalogue)
      try machine.sh(
        "sed -i 's/^catch_up: 7 days/catch_up: 6 days/' /etc/reviewd/reviewd.yaml; ln -s /dev/null /etc/reviewd/rules.d/40-conditions.yaml"
      )
      try machine.sh("systemctl restart reviewd; reviewctl event incident --service web-shop severity=1")
      let review = try machine.sh("reviewctl list --output csv | tail -n 1 | cut -d, -f1")
      try machine.sh("reviewctl schedule \(review) --at 'tomorrow 10:00'")
      let before = try machine.sh("reviewctl show \(review) --output json")
      let schema = try machine.sh(
        "sqlite3 /var/lib/reviewd/reviewd.sqlite 'SELECT max(identifier) FROM grdb_migrations'")

      try machine.install(try #require(BootedMachine.package))
      #expect(try machine.property("ActiveState") == "active")
      #expect(try machine.sh("reviewctl show \(review) --output json") == before)
      #expect(
        try machine.sh("grep ^catch_up /etc/reviewd/reviewd.yaml; readlink /etc/reviewd/rules.d/40-conditions.yaml")
          == "catch_up: 6 days\n/dev/null")
      #expect(try machine.sh("grep -c ^journal /etc/reviewd/reviewd.yaml.dpkg-dist") == "1")
      // What it was before the migration is there for whoever has to go back.
      #expect(
        try machine.sh("sqlite3 /var/lib/reviewd/reviewd.sqlite 'SELECT max(identifier) FROM grdb_migrations'") > schema
      )
      #expect(
        try machine.sh("sqlite3 /var/lib/reviewd/reviewd.sqlite.schema-\(schema) 'SELECT id FROM review'").hasPrefix(
          review))
      #expect(try machine.sh("reviewctl complete \(review) --outcome done").contains("completed"))
      // And back, as docs/operations.md says it.
      try machine.sh(
        "systemctl stop reviewd.socket reviewd.service; reviewd --restore /var/lib/reviewd/reviewd.sqlite.schema-\(schema)"
      )
      try machine.install(try #require(BootedMachine.earlierPackage))
      #expect(
        try machine.sh("systemctl start reviewd.socket reviewd.service; reviewctl show \(review) --output json")
          == before)
    }

    @Test func manualPagesAndCompletionsComeFromTheHelp() throws {
      let machine = try BootedMachine.installed()
      #expect(try machine.sh("man -l /usr/share/man/man8/reviewd.8.gz | col -b").contains("--state-directory"))
      #expect(try machine.sh("ls /usr/share/man/man1").contains("reviewctl-complete.1.gz"))
      let overview = try machine.sh("man -l /usr/share/man/man1/reviewctl.1.gz | col -b")
      #expect(overview.contains("reviewctl doctor") && overview.contains("reviewctl rules check"))
      for name in overview.matches(of: /reviewctl-[a-z-]+(?=\(1\))/) {
        #expect(try machine.run("test -e /usr/share/man/man1/\(name.output).1.gz").status == 0, "\(name.output)")
      }
      #expect(try machine.sh("man -l /usr/share/man/man8/reviewd.8.gz | col -b").contains("subcommand") == false)
      #expect(
        try machine.sh("man -l /usr/share/man/man1/reviewctl-complete.1.gz | col -b").contains(
          "--customer-satisfaction"))
      let completion = """
        source /usr/share/bash-completion/completions/reviewctl
        COMP_WORDS=(reviewctl rules re) COMP_CWORD=2 COMP_LINE='reviewctl rules re' COMP_POINT=18
        $(complete -p reviewctl | sed 's/.*-F \\([^ ]*\\).*/\\1/') reviewctl re rules
        echo "${COMPREPLY[*]}"
        """
      #expect(try machine.run(completion).output == "replay reload\n")
      #expect(
        try machine.sh("reviewctl completion zsh | cmp - /usr/share/zsh/vendor-completions/_reviewctl && echo same")
          == "same")
      #expect(
        try machine.sh(
          "reviewctl completion fish | cmp - /usr/share/fish/vendor_completions.d/reviewctl.fish && echo same")
          == "same")
    }

    @Test func itDependsOnNothingBeyondTheSystemsLibraries() throws {
      let package = try #require(BootedMachine.package)
      let depends = try run("/usr/bin/dpkg-deb", ["--field", package, "Depends"]).output
      let names = depends.split(separator: ",").map {
        $0.split(separator: " ")[0].trimmingCharacters(in: .whitespacesAndNewlines)
      }
      #expect(names.sorted() == ["libc6", "libgcc-s1", "libsqlite3-0", "libstdc++6", "libsystemd0", "libyaml-0-2"])
    }
  }
}
