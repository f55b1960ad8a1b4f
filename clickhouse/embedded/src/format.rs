//! Output formats: which can be streamed, and where the header is that the engine repeats with every piece.

use bytes::Bytes;

/// How an answer in a format leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// Piece by piece; `true`: every piece begins with a header of names (and types) that only the first may keep.
    Pieces(Header),
    /// As one document: each piece would be a document of its own.
    Whole,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Header {
    None,
    BinaryNames,
    BinaryNamesAndTypes,
}

pub(crate) fn delivery(format: &str) -> Delivery {
    match format {
        "RowBinary" | "Native" | "TabSeparated" | "TSV" | "TabSeparatedRaw" | "TSVRaw" | "CSV"
        | "JSONEachRow" | "JSONLines" | "NDJSON" | "JSONCompactEachRow" | "Values" | "LineAsString"
        | "RawBLOB" => Delivery::Pieces(Header::None),
        "RowBinaryWithNames" => Delivery::Pieces(Header::BinaryNames),
        "RowBinaryWithNamesAndTypes" => Delivery::Pieces(Header::BinaryNamesAndTypes),
        _ => Delivery::Whole,
    }
}

/// Takes the repeated header off every piece but the first.
pub(crate) struct HeaderCut {
    header: Header,
    first: Option<Bytes>,
}

impl HeaderCut {
    pub(crate) fn new(header: Header) -> Self {
        Self { header, first: None }
    }

    pub(crate) fn apply(&mut self, piece: Bytes) -> Bytes {
        if self.header == Header::None {
            return piece;
        }
        match &self.first {
            None => {
                self.first = header_length(&piece, self.header).map(|length| piece.slice(..length));
                piece
            }
            Some(header) if piece.starts_with(header) => piece.slice(header.len()..),
            Some(_) => piece,
        }
    }
}

/// Number of columns, then each name, then each type: texts with their length in front.
fn header_length(piece: &[u8], header: Header) -> Option<usize> {
    let mut at = 0;
    let columns = variable_integer(piece, &mut at)?;
    let texts = if header == Header::BinaryNamesAndTypes { columns.checked_mul(2)? } else { columns };
    for _ in 0..texts {
        let length = variable_integer(piece, &mut at)?;
        at = at.checked_add(usize::try_from(length).ok()?).filter(|end| *end <= piece.len())?;
    }
    Some(at)
}

fn variable_integer(bytes: &[u8], at: &mut usize) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..63).step_by(7) {
        let byte = *bytes.get(*at)?;
        *at += 1;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// The media type ClickHouse answers with.
pub(crate) fn content_type(format: &str) -> &'static str {
    match format {
        "JSON" | "JSONCompact" | "JSONStrings" | "JSONColumns" => "application/json; charset=UTF-8",
        "JSONEachRow" | "JSONLines" | "NDJSON" => "application/x-ndjson; charset=UTF-8",
        "CSV" | "CSVWithNames" | "CSVWithNamesAndTypes" => "text/csv; charset=UTF-8; header=absent",
        "TabSeparated"
        | "TSV"
        | "TabSeparatedWithNames"
        | "TSVWithNames"
        | "TSVWithNamesAndTypes"
        | "TabSeparatedWithNamesAndTypes" => "text/tab-separated-values; charset=UTF-8",
        "RowBinary"
        | "RowBinaryWithNames"
        | "RowBinaryWithNamesAndTypes"
        | "Native"
        | "Parquet"
        | "Arrow"
        | "ArrowStream"
        | "ORC" => "application/octet-stream",
        _ => "text/plain; charset=UTF-8",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_piece_keeps_its_header() {
        let header = b"\x01\x01a\x06UInt64";
        let piece = |rows: &[u8]| Bytes::from([header, rows].concat());
        let mut cut = HeaderCut::new(Header::BinaryNamesAndTypes);
        assert_eq!(cut.apply(piece(b"12345678")), piece(b"12345678"));
        assert_eq!(cut.apply(piece(b"87654321")), Bytes::from_static(b"87654321"));
    }

    #[test]
    fn a_header_that_is_cut_short_is_not_one() {
        assert_eq!(header_length(b"\x02\x01a\x7f", Header::BinaryNames), None);
        assert_eq!(header_length(b"\x02\x01a\x01b", Header::BinaryNames), Some(5));
    }
}
