//! A JSON array that streams, split into its items while it comes in any pieces: how Google tells a stream to who does not
//! ask for events. How the bytes were cut never changes the items; one that is too large is left out, and what follows it is
//! found all the same.

use memchr::memchr2;

/// Larger items are not looked into; they still pass.
const LARGEST_ITEM_BYTES: usize = 4 << 20;

#[derive(Debug, Default)]
pub(crate) struct Items {
    /// Open brackets and braces; the array's own is the first.
    depth: usize,
    in_text: bool,
    escaped: bool,
    /// What has come of the current item.
    item: Vec<u8>,
    is_too_large: bool,
}

impl Items {
    /// Whether a body that begins so is an array. `None`: nothing but space has come.
    pub(crate) fn is_array(beginning: &[u8]) -> Option<bool> {
        beginning.iter().find(|byte| !byte.is_ascii_whitespace()).map(|first| *first == b'[')
    }

    /// `each` is given every item that ends in this piece and is an object.
    pub(crate) fn push(&mut self, piece: &[u8], mut each: impl FnMut(&[u8])) {
        let mut rest = piece;
        while let Some((&byte, behind)) = rest.split_first() {
            if self.in_text {
                rest = self.text(rest);
                continue;
            }
            rest = behind;
            match byte {
                b'"' => self.in_text = true,
                b'[' | b'{' => self.depth += 1,
                b']' | b'}' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
            // At depth 1 there are commas and space between items, and the bracket that began them all.
            let closes = matches!(byte, b']' | b'}');
            if self.depth >= 2 || (self.depth == 1 && closes) {
                self.keep(&[byte]);
            }
            if self.depth == 1 && closes {
                if !self.is_too_large && self.item.first() == Some(&b'{') {
                    each(&self.item);
                }
                self.item.clear();
                self.is_too_large = false;
            }
        }
    }

    /// Takes a text's bytes up to its end or the piece's, and gives what is left.
    fn text<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let mut at = 0;
        if std::mem::take(&mut self.escaped) {
            at = 1;
        }
        while let Some(found) = memchr2(b'"', b'\\', &bytes[at..]) {
            at += found + 1;
            if bytes[at - 1] == b'"' {
                self.in_text = false;
                self.keep_inside(&bytes[..at]);
                return &bytes[at..];
            }
            if at == bytes.len() {
                self.escaped = true;
                break;
            }
            at += 1;
        }
        self.keep_inside(bytes);
        &[]
    }

    fn keep_inside(&mut self, bytes: &[u8]) {
        if self.depth >= 2 {
            self.keep(bytes);
        }
    }

    fn keep(&mut self, bytes: &[u8]) {
        if self.is_too_large || self.item.len() + bytes.len() > LARGEST_ITEM_BYTES {
            self.is_too_large = true;
            self.item = Vec::new();
        } else {
            self.item.extend_from_slice(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn items<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<Value> {
        let (mut items, mut found) = (Items::default(), Vec::new());
        for piece in pieces {
            items.push(piece, |item| found.push(serde_json::from_slice(item).unwrap()));
        }
        found
    }

    #[test]
    fn an_array_is_known_by_its_first_byte_that_is_no_space() {
        assert_eq!(Items::is_array(b" \n[{"), Some(true));
        assert_eq!(Items::is_array(b"{\"a\":[]}"), Some(false));
        assert_eq!(Items::is_array(b" \n"), None);
    }

    #[test]
    fn an_item_that_is_too_large_is_left_out_and_the_next_one_is_found() {
        let large = format!("[{{\"a\":\"{}\"}},\r\n{{\"b\":1}}]", "x".repeat(LARGEST_ITEM_BYTES));
        assert_eq!(items([large.as_bytes()]), [json!({"b": 1})]);
    }

    fn objects() -> impl Strategy<Value = Vec<Value>> {
        let leaf = prop_oneof![
            any::<i32>().prop_map(|value| json!(value)),
            "[\\[\\]{}\"\\\\,a한]{0,6}".prop_map(|value| json!(value)),
        ];
        let value = leaf.prop_recursive(3, 12, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(|items| json!(items)),
                prop::collection::btree_map("[a\"\\\\{]{0,2}", inner, 0..3).prop_map(|fields| json!(fields)),
            ]
        });
        let object = prop::collection::btree_map("[a\"\\\\}]{0,2}", value, 0..3);
        prop::collection::vec(object.prop_map(|fields| json!(fields)), 0..5)
    }

    proptest! {
        #[test]
        fn every_item_is_found_wherever_the_bytes_were_cut(all in objects(), size in 1usize..9, pretty: bool) {
            let array = json!(all);
            let text =
                if pretty { serde_json::to_string_pretty(&array).unwrap() } else { array.to_string() };
            prop_assert_eq!(items(text.as_bytes().chunks(size)), all);
        }

        #[test]
        fn nothing_that_comes_makes_it_fail(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            Items::default().push(&bytes, |_| {});
        }
    }
}
