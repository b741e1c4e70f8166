import Testing

/// The package under a real systemd as PID 1. One machine after another: these machines are small.
@Suite(.serialized, .enabled(if: BootedMachine.isPossible, BootedMachine.missing)) struct BootedTests {}
