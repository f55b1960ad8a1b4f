//! Just enough of ClickHouse's grammar to serve a statement: what kind it is, which FORMAT it names, where its data begins.

/// What the server has to do with a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Its answer can be streamed.
    Select,
    /// INSERT with data behind it: the text up to FORMAT, the format, and where the data begins in the text.
    InsertData { head: String, format: String, data_at: usize },
    /// Everything else: one answer, or none.
    Other,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Statement {
    pub(crate) kind: Kind,
    /// Changes something, so it gets a place among the writers.
    pub(crate) writes: bool,
    /// Named by a FORMAT clause of a statement that answers.
    pub(crate) format: Option<String>,
}

/// Reads `text`, which may be only the beginning of a statement when binary data follows.
pub(crate) fn parse(text: &[u8]) -> Statement {
    let mut words = Words { text, at: 0 };
    let first = words.next().map(|word| word.upper(text)).unwrap_or_default();
    match first.as_str() {
        "INSERT" => insert(text, words),
        "SELECT" | "WITH" | "(" | "FROM" | "VALUES" => {
            Statement { kind: Kind::Select, writes: false, format: last_format(text) }
        }
        "SHOW" | "DESCRIBE" | "DESC" | "EXPLAIN" | "EXISTS" | "CHECK" | "SET" | "USE" | "KILL" => {
            Statement { kind: Kind::Other, writes: false, format: last_format(text) }
        }
        _ => Statement { kind: Kind::Other, writes: true, format: None },
    }
}

/// `INSERT INTO t (a, b) [SETTINGS ...] FORMAT X <data>`; with SELECT or VALUES it is an ordinary statement.
fn insert(text: &[u8], words: Words<'_>) -> Statement {
    let other = Statement { kind: Kind::Other, writes: true, format: None };
    let mut depth = 0_u32;
    let mut after_format: Option<usize> = None;
    for word in words {
        let plain = word.upper(text);
        if let Some(format_at) = after_format {
            let Some(head) = text.get(..format_at).and_then(|head| std::str::from_utf8(head).ok()) else {
                return other;
            };
            let format = String::from_utf8_lossy(&text[word.from..word.to]).into_owned();
            let kind = Kind::InsertData { head: head.to_owned(), format, data_at: data_start(text, word.to) };
            return Statement { kind, ..other };
        }
        match plain.as_str() {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            "SELECT" | "WITH" | "VALUES" | "WATCH" if depth == 0 => return other,
            "FORMAT" if depth == 0 => after_format = Some(word.from),
            _ => {}
        }
    }
    other
}

/// Blanks and one line end stand between the format's name and the data.
fn data_start(text: &[u8], mut at: usize) -> usize {
    while matches!(text.get(at), Some(b' ' | b'\t' | b'\x0c')) {
        at += 1;
    }
    if text.get(at) == Some(&b'\r') {
        at += 1;
    }
    if text.get(at) == Some(&b'\n') {
        at += 1;
    }
    at.min(text.len())
}

/// The name behind the last FORMAT outside of parentheses.
fn last_format(text: &[u8]) -> Option<String> {
    let mut depth = 0_u32;
    let mut expected = false;
    let mut found = None;
    for word in (Words { text, at: 0 }) {
        let plain = word.upper(text);
        if expected && word.is_name(text) {
            found = Some(String::from_utf8_lossy(&text[word.from..word.to]).into_owned());
        }
        expected = false;
        match plain.as_str() {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            "FORMAT" if depth == 0 => expected = true,
            _ => {}
        }
    }
    found
}

#[derive(Debug, Clone, Copy)]
struct Word {
    from: usize,
    to: usize,
}

impl Word {
    fn upper(self, text: &[u8]) -> String {
        String::from_utf8_lossy(&text[self.from..self.to]).to_ascii_uppercase()
    }

    fn is_name(self, text: &[u8]) -> bool {
        text.get(self.from).is_some_and(|byte| is_word(*byte))
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// Names, numbers, quoted texts and single signs; blanks and comments are skipped.
struct Words<'a> {
    text: &'a [u8],
    at: usize,
}

impl Words<'_> {
    fn skip_blanks_and_comments(&mut self) {
        loop {
            let rest = &self.text[self.at..];
            let skipped = match rest {
                [byte, ..] if byte.is_ascii_whitespace() => 1,
                [b'-', b'-', ..] | [b'#', b' ' | b'!', ..] => {
                    rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |end| end + 1)
                }
                [b'/', b'*', ..] => {
                    rest.windows(2).skip(2).position(|two| two == b"*/").map_or(rest.len(), |end| end + 4)
                }
                _ => return,
            };
            self.at += skipped;
        }
    }

    /// Length of the quoted text at the start of `rest`; quotes inside are doubled or escaped.
    fn quoted(rest: &[u8], quote: u8) -> usize {
        let mut at = 1;
        while let Some(byte) = rest.get(at) {
            match byte {
                b'\\' => at += 2,
                byte if *byte == quote && rest.get(at + 1) == Some(&quote) => at += 2,
                byte if *byte == quote => return at + 1,
                _ => at += 1,
            }
        }
        rest.len()
    }
}

impl Iterator for Words<'_> {
    type Item = Word;

    fn next(&mut self) -> Option<Word> {
        self.skip_blanks_and_comments();
        let rest = &self.text[self.at..];
        let length = match *rest.first()? {
            quote @ (b'\'' | b'"' | b'`') => Self::quoted(rest, quote),
            byte if is_word(byte) => rest.iter().position(|byte| !is_word(*byte)).unwrap_or(rest.len()),
            _ => 1,
        };
        let from = self.at;
        self.at = (from + length).min(self.text.len());
        Some(Word { from, to: self.at })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic)]
    use super::*;

    fn data_of(text: &[u8]) -> (String, String, &[u8]) {
        match parse(text).kind {
            Kind::InsertData { head, format, data_at } => (head, format, &text[data_at..]),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn data_begins_after_the_line_end_behind_the_format() {
        let (head, format, data) = data_of(b"INSERT INTO `t`(`a`) FORMAT RowBinary\n\n\x01");
        assert_eq!(
            (head.as_str(), format.as_str(), data),
            ("INSERT INTO `t`(`a`) ", "RowBinary", b"\n\x01".as_slice())
        );
    }

    #[test]
    fn a_format_inside_quotes_or_comments_is_no_format() {
        let text =
            b"insert /* FORMAT x */ into \"FORMAT y\" (a) settings s='FORMAT z' -- FORMAT w\n format CSV 1,2";
        let (_, format, data) = data_of(text);
        assert_eq!((format.as_str(), data), ("CSV", b"1,2".as_slice()));
    }

    #[test]
    fn an_insert_from_a_select_or_values_is_an_ordinary_statement() {
        for text in ["INSERT INTO t SELECT 1 FORMAT Null", "INSERT INTO t (a) VALUES (1)", "INSERT INTO t"] {
            let statement = parse(text.as_bytes());
            assert_eq!((statement.kind, statement.writes), (Kind::Other, true), "{text}");
        }
    }

    #[test]
    fn the_outer_format_of_a_select_counts() {
        let statement =
            parse(b" /* c */ SELECT format FROM (SELECT 1 FORMAT Null) FORMAT JSONEachRow SETTINGS a = 1;");
        assert_eq!((statement.kind, statement.format.as_deref()), (Kind::Select, Some("JSONEachRow")));
        assert_eq!(parse(b"WITH 1 AS x SELECT x").format, None);
    }

    #[test]
    fn text_that_ends_in_the_middle_of_something_is_read_to_its_end() {
        for text in ["", "'", "/*", "--", "SELECT 'a", "INSERT INTO t FORMAT", "\\"] {
            parse(text.as_bytes());
        }
    }
}
