import Foundation

/// What a tool answers when a plain value does not say enough.
public struct ToolResult: Answer, Encodable {
    public let wire: [String: JSONValue]
    public init(wire: [String: JSONValue]) { self.wire = wire }

    /// It worked; `sessionLog` is what the timeline shows in place of the text.
    public static func text(_ text: String, sessionLog: String? = nil) -> Self {
        of(text, "success", ["sessionLog": sessionLog.map(JSONValue.string)])
    }

    /// It failed; the model reads why and goes on.
    public static func failure(_ text: String) -> Self { of(text, "failure", ["error": .string(text)]) }

    /// It was not allowed; the model reads why and goes on.
    public static func denied(_ text: String) -> Self { of(text, "denied") }

    /// The user refused it; the turn ends.
    public static func rejected(_ text: String) -> Self { of(text, "rejected") }

    /// It took too long; the model reads this and goes on.
    public static func timeout(_ text: String) -> Self { of(text, "timeout") }

    /// The same and an image for the model.
    public func image(mimeType: String, content: Data) -> Self { binary("image", mimeType, content) }

    /// The same and other bytes for the model.
    public func resource(mimeType: String, content: Data) -> Self { binary("resource", mimeType, content) }

    public func encode(to encoder: any Encoder) throws {
        try JSONValue.object(wire).encode(to: encoder)
    }

    private func binary(_ type: String, _ mimeType: String, _ content: Data) -> Self {
        let there = wire["binaryResultsForLlm"]?.array ?? []
        let fresh: JSONValue = [
            "type": .string(type), "data": .string(content.base64EncodedString()), "mimeType": .string(mimeType),
        ]
        return Self(wire: wire.merging(["binaryResultsForLlm": .array(there + [fresh])]) { _, new in new })
    }

    private static func of(_ text: String, _ type: String, _ more: KeyValuePairs<String, JSONValue?> = [:]) -> Self {
        let fields: [String: JSONValue] = ["textResultForLlm": .string(text), "resultType": .string(type)]
        return Self(wire: fields.merging(.fields(more)) { _, new in new })
    }
}
