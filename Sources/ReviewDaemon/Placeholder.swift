import ArgumentParser
// placeholder
import Hummingbird
import NIOExtras
import ServiceLifecycle
import UnixSignals
