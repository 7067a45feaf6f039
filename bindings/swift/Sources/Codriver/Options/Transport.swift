/// How the runtime is reached.
public enum Transport: Sendable, Hashable {
    #if !os(iOS) && !os(tvOS) && !os(watchOS) && !os(visionOS)
    /// A child of ours, over its stdin and stdout.
    case stdio
    /// A child of ours, over TCP on loopback; port 0: any.
    case tcp(port: Int)
    #endif
    /// A runtime somebody else started and will end; `token` where it was started with one.
    case external(host: String, port: Int, token: String? = nil)
    /// The runtime that started this process as an extension, over our own stdin and stdout.
    case parent
}

extension Transport: Encodable {
    public func encode(to encoder: any Encoder) throws {
        let fields: [String: JSONValue] =
            switch self {
            #if !os(iOS) && !os(tvOS) && !os(watchOS) && !os(visionOS)
            case .stdio: ["kind": "stdio"]
            case .tcp(let port): ["kind": "tcp", "port": .int(port)]
            #endif
            case .external(let host, let port, let token):
                .fields([
                    "kind": "external", "host": .string(host), "port": .int(port), "token": token.map(JSONValue.string),
                ])
            case .parent: ["kind": "parent"]
            }
        try JSONValue.object(fields).encode(to: encoder)
    }
}

extension Transport: CustomStringConvertible, CustomReflectable {
    /// Without the token.
    public var description: String {
        switch self {
        #if !os(iOS) && !os(tvOS) && !os(watchOS) && !os(visionOS)
        case .stdio: "stdio"
        case .tcp(let port): "tcp(port: \(port))"
        #endif
        case .external(let host, let port, _): "external(host: \(host), port: \(port))"
        case .parent: "parent"
        }
    }

    /// Shows nothing: a token is a credential.
    public var customMirror: Mirror { Mirror(self, children: [(label: String?, value: Any)]()) }
}
