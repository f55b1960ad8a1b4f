//! The header of one part of a form: its name, and whether it is a file.

/// `form-data; name="..."; filename="..."`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Disposition {
    pub(super) name: String,
    pub(super) filename: Option<String>,
}

/// The disposition and the content type. `Err`: why the header is refused.
pub(super) fn read(headers: &[u8]) -> Result<(Disposition, String), &'static str> {
    let text = std::str::from_utf8(headers).map_err(|_| "a part's header is not UTF-8")?;
    let (mut disposition, mut content_type) = (None, None);
    for line in text.split("\r\n") {
        if line.starts_with([' ', '\t']) || line.contains(['\r', '\n']) {
            return Err("a part's header is folded");
        }
        let (name, value) = line.split_once(':').ok_or("a part's header is not a header")?;
        let value = value.trim();
        if name.eq_ignore_ascii_case("content-disposition") {
            if disposition.replace(parameters(value)?).is_some() {
                return Err("a part has two dispositions");
            }
        } else if name.eq_ignore_ascii_case("content-type") {
            if content_type.replace(value.to_owned()).is_some() {
                return Err("a part has two content types");
            }
        } else if name.eq_ignore_ascii_case("content-transfer-encoding") {
            let plain = ["7bit", "8bit", "binary"];
            if !plain.iter().any(|plain| value.eq_ignore_ascii_case(plain)) {
                return Err("a part is encoded");
            }
        } else if name.trim() != name {
            return Err("a part's header is not a header");
        }
    }
    let disposition = disposition.ok_or("a part has no name")?;
    Ok((disposition, content_type.unwrap_or_default()))
}

fn parameters(value: &str) -> Result<Disposition, &'static str> {
    let (kind, mut rest) = value.split_once(';').ok_or("a part has no name")?;
    if !kind.trim().eq_ignore_ascii_case("form-data") {
        return Err("a part is no field of a form");
    }
    let (mut name, mut filename) = (None, None);
    loop {
        let (key, value, behind) = parameter(rest)?;
        let twice = if key.eq_ignore_ascii_case("name") {
            name.replace(value).is_some()
        } else if key.eq_ignore_ascii_case("filename") {
            filename.replace(value).is_some()
        } else if key.eq_ignore_ascii_case("filename*") {
            // The same in another spelling; that there is one says that the part is a file.
            filename.get_or_insert(value);
            false
        } else {
            return Err("a part's name has a parameter nobody knows");
        };
        if twice {
            return Err("a part has two names");
        }
        match behind.trim_start().strip_prefix(';') {
            Some(next) => rest = next,
            None if behind.trim().is_empty() => break,
            None => return Err("a part's name is not quoted"),
        }
    }
    let name: String = name.ok_or("a part has no name")?;
    if name.contains(['%', '\\']) {
        return Err("a field's name is escaped");
    }
    Ok(Disposition { name, filename })
}

/// One `key=value` or `key="value"`, and what stands behind it.
fn parameter(text: &str) -> Result<(&str, String, &str), &'static str> {
    let (key, rest) = text.split_once('=').ok_or("a part's name is not quoted")?;
    let key = key.trim();
    let Some(quoted) = rest.strip_prefix('"') else {
        let end = rest.find(';').unwrap_or(rest.len());
        return Ok((key, rest[..end].trim().to_owned(), &rest[end..]));
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Ok((key, value, &quoted[at + 1..])),
            '\\' if key.eq_ignore_ascii_case("name") => return Err("a field's name is escaped"),
            // A file's name may hold a quote; older browsers write paths with plain backslashes.
            '\\' => match characters.clone().next() {
                Some((_, '"')) => {
                    characters.next();
                    value.push('"');
                }
                _ => value.push('\\'),
            },
            other => value.push(other),
        }
    }
    Err("a part's name is not quoted")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_files_are_told_apart() {
        let of = |header: &str| read(header.as_bytes());
        let field = of("Content-Disposition: form-data; name=\"model\"").unwrap();
        assert_eq!(field, (Disposition { name: "model".into(), filename: None }, String::new()));
        let file = of(
            "content-disposition: form-data; name=file; filename=\"a;\\\"b.wav\"\r\nContent-Type: audio/wav",
        );
        let (disposition, kind) = file.unwrap();
        assert_eq!((disposition.filename.as_deref(), kind.as_str()), (Some("a;\"b.wav"), "audio/wav"));
        let star = of("Content-Disposition: form-data; name=\"f\"; filename*=UTF-8''%C3%A9.wav").unwrap();
        assert!(star.0.filename.is_some());
    }

    #[test]
    fn what_two_readers_could_read_in_two_ways_is_refused() {
        for header in [
            "Content-Type: text/plain",
            "Content-Disposition: attachment; name=\"model\"",
            "Content-Disposition: form-data",
            "Content-Disposition: form-data; name=\"mod\\el\"",
            "Content-Disposition: form-data; name=\"mod%65l\"",
            "Content-Disposition: form-data; name=\"a\"; name=\"model\"",
            "Content-Disposition: form-data; name*=UTF-8''model",
            "Content-Disposition: form-data; name=\"a\" model",
            "Content-Disposition: form-data; name=\"model",
            "Content-Disposition: form-data; name=\"a\"\r\nContent-Disposition: form-data; name=\"model\"",
            "Content-Disposition: form-data;\r\n name=\"model\"",
            "Content-Disposition : form-data; name=\"a\"\r\nContent-Disposition: form-data; name=\"b\"",
            "Content-Disposition: form-data; name=\"model\"\r\nContent-Transfer-Encoding: base64",
        ] {
            assert!(read(header.as_bytes()).is_err(), "{header}");
        }
    }
}
