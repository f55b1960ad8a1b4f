//! Frames of HTTP/2 by hand, for what no client of a library would send.

use h2::Reason;

pub const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
pub const EMPTY_SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];
pub const PING: &[u8] = &[0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8];

pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut bytes = vec![length[1], length[2], length[3], kind, flags];
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// Why the connection was ended, by its last GOAWAY.
pub fn last_words(mut told: &[u8]) -> Option<Reason> {
    let mut why = None;
    while told.len() >= 9 {
        let length = u32::from_be_bytes([0, told[0], told[1], told[2]]) as usize;
        let (kind, payload) = (told[3], &told[9..told.len().min(9 + length)]);
        if kind == 7 && payload.len() >= 8 {
            why = Some(u32::from_be_bytes([payload[4], payload[5], payload[6], payload[7]]).into());
        }
        told = &told[told.len().min(9 + length)..];
    }
    why
}

/// The head of a request, without the end of its stream.
pub fn head(path: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let mut head = vec![0x83, 0x87];
    for (name, value) in [(":path", path), (":authority", "x")].iter().chain(more) {
        head.push(0);
        for text in [name, value] {
            head.push(u8::try_from(text.len()).unwrap());
            head.extend(text.bytes());
        }
    }
    head
}
