/// A table of expectations: a line a case, its cells separated by `|`, the first two saying which case it is.
struct Table {
    private let rows: [String: [String]]

    init(_ text: String) {
        let rows = text.split(separator: "\n").map { line in
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).map { cell in
                String(cell.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
            }
            return (cells[0] + " " + cells[1], Array(cells.dropFirst(2)))
        }
        self.rows = Dictionary(uniqueKeysWithValues: rows)
    }

    var keys: Set<String> { Set(rows.keys) }

    subscript(first: String, second: String) -> [String]? { rows[first + " " + second] }
}
