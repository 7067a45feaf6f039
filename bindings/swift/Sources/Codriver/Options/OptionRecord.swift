/// Options that are told to the core as JSON; what is absent is not in it.
///
/// What an option says of itself are the names of what is set: values may be credentials.
public protocol OptionRecord: Encodable, Sendable, CustomStringConvertible, CustomReflectable {}

extension OptionRecord {
    /// The names of the options that are set.
    public var description: String {
        let names = (try? JSONValue(encoding: self))?.object?.keys.sorted() ?? []
        return "\(type(of: self))(\(names.joined(separator: ", ")))"
    }

    /// Shows nothing: values may be credentials.
    public var customMirror: Mirror { Mirror(self, children: [(label: String?, value: Any)]()) }

    func wire() throws -> [String: JSONValue] {
        do {
            return try JSONValue(encoding: self).object ?? [:]
        } catch {
            throw CodriverError.invalidConfig(.init(describe(error)))
        }
    }
}
