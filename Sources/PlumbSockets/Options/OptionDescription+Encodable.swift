/// All that is known, under the names of the properties; what is not there is left out.
extension OptionDescription: Encodable {
    private enum Key: String, CodingKey {
        case name, swiftName, level, number, kind, unit, range, names, access, phase, sockets, inert, inheritance
        case privilege, firstKernel, adjustment, isClearedByReading, sysctl, purpose, cost
    }

    /// Writes the description.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(name, forKey: .name)
        try container.encode(swiftName, forKey: .swiftName)
        try container.encode(level.description, forKey: .level)
        try container.encode(number, forKey: .number)
        try container.encode(kind, forKey: .kind)
        try container.encodeIfPresent(unit?.rawValue, forKey: .unit)
        try container.encodeIfPresent(range.map { [$0.lowerBound, $0.upperBound] }, forKey: .range)
        if !names.isEmpty { try container.encode(names, forKey: .names) }
        try container.encode(access, forKey: .access)
        try container.encode(phase, forKey: .phase)
        try container.encode(sockets, forKey: .sockets)
        if !inert.isEmpty { try container.encode(inert, forKey: .inert) }
        try container.encode(inheritance, forKey: .inheritance)
        try container.encodeIfPresent(privilege, forKey: .privilege)
        try container.encodeIfPresent(firstKernel, forKey: .firstKernel)
        try container.encode(adjustment, forKey: .adjustment)
        if isClearedByReading { try container.encode(true, forKey: .isClearedByReading) }
        try container.encodeIfPresent(sysctl, forKey: .sysctl)
        try container.encode(purpose, forKey: .purpose)
        try container.encode(cost, forKey: .cost)
    }
}
