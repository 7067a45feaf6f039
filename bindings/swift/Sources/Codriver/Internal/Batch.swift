import Foundation
internal import CodriverFFI

/// How much one crossing takes. What was taken is out of the queue's bound, so it is not much.
let batchEvents: UInt32 = 256
let batchBytes: UInt64 = 262_144

/// Cuts the events out of a batch; none of them is decoded.
///
/// `marks` has four numbers for each: its number, the first it stands for, the place of its type in `types`, and how many bytes of
/// `events` are its own.
func events(of batch: EventBatch) -> [SessionEvent] {
    let bytesOfMarks = 4 * MemoryLayout<UInt64>.size
    var events: [SessionEvent] = []
    events.reserveCapacity(batch.marks.count / bytesOfMarks)
    batch.marks.withUnsafeBytes { marks in
        batch.events.withUnsafeBytes { bytes in
            func mark(_ at: Int, _ place: Int) -> UInt64 {
                UInt64(littleEndian: marks.loadUnaligned(fromByteOffset: at + place * 8, as: UInt64.self))
            }
            var begin = 0
            for at in stride(from: 0, to: marks.count, by: bytesOfMarks) {
                let end = begin + Int(mark(at, 3))
                // Bytes of its own: an event that is kept must not keep the batch.
                let json = bytes.baseAddress.map { Data(bytes: $0 + begin, count: end - begin) } ?? Data()
                let type = batch.types[Int(mark(at, 2))]
                events.append(SessionEvent(seq: mark(at, 0), firstSeq: mark(at, 1), type: type, json: json))
                begin = end
            }
        }
    }
    return events
}
