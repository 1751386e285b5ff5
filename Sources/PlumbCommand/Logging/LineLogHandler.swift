import Foundation
import Logging

/// Writes each log message as one line to standard error: for people, or as JSON.
struct LineLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .info
    let format: LogFormat

    init(format: LogFormat) { self.format = format }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let values = metadata.merging(event.metadata ?? [:]) { $1 }
        let time = Date().formatted(.iso8601.time(includingFractionalSeconds: true))
        switch format {
        case .text:
            let details = values.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
            printError("\(time) \(event.level): \(event.message)\(details)")
        case .json:
            var fields = values.mapValues { "\($0)" }
            fields["time"] = time
            fields["level"] = event.level.rawValue
            fields["message"] = "\(event.message)"
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            guard let line = try? encoder.encode(fields) else { return }
            printError(String(decoding: line, as: UTF8.self))
        }
    }
}
