//! Forms as clients send them, cut anywhere, and forms that are refused.

use super::*;
use proptest::prelude::*;

const TYPE: &str = "multipart/form-data; boundary=XyZ";

fn form(parts: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (disposition, content) in parts {
        text.push_str(&format!(
            "--XyZ\r\nContent-Disposition: form-data; {disposition}\r\n\r\n{content}\r\n"
        ));
    }
    text + "--XyZ--\r\n"
}

fn scan(body: &[u8]) -> Result<Form, FormError> {
    let mut scanner = Scanner::new(TYPE)?;
    scanner.push(body)?;
    scanner.finish()?;
    Ok(scanner.form)
}

#[test]
fn fields_are_found_where_they_stand_and_files_are_measured() {
    let body = form(&[
        ("name=\"file\"; filename=\"a.mp3\"", "\r\n--Xy not yet\r\n"),
        ("name=\"model\"", "whisper-1"),
        ("name=\"empty\"", ""),
    ]);
    let found = scan(body.as_bytes()).unwrap();
    let model = found.field("model").unwrap();
    assert_eq!((model.value.as_str(), &body[model.at.clone()]), ("whisper-1", "whisper-1"));
    assert_eq!(found.value("empty"), Some(""));
    assert_eq!((found.files[0].bytes, found.files[0].filename.as_str()), (16, "a.mp3"));
}

#[test]
fn the_boundary_is_read_from_the_content_type() {
    for (kind, expected) in [
        ("multipart/form-data; boundary=abc", Some("abc")),
        ("Multipart/Form-Data; charset=utf-8; Boundary=\"a b\"", None),
        ("multipart/form-data; boundary=\"a-b_c\"", Some("a-b_c")),
        ("multipart/form-data; boundary=a; boundary=b", None),
        ("multipart/mixed; boundary=a", None),
        ("multipart/form-data", None),
        ("application/json", None),
    ] {
        assert_eq!(boundary(kind).as_deref(), expected, "{kind}");
    }
}

#[test]
fn a_field_that_decides_stands_once() {
    let twice = form(&[("name=\"model\"", "a"), ("name=\"model\"", "b")]);
    assert_eq!(scan(twice.as_bytes()), Err(FormError::Duplicate("model")));
    let as_file = form(&[("name=\"model\"; filename=\"m\"", "a")]);
    assert!(matches!(scan(as_file.as_bytes()), Err(FormError::Broken(_))));
    let others =
        form(&[("name=\"image[]\"; filename=\"a\"", "x"), ("name=\"image[]\"; filename=\"b\"", "y")]);
    assert_eq!(scan(others.as_bytes()).unwrap().files.len(), 2);
}

#[test]
fn a_form_that_is_not_whole_or_not_one_is_refused() {
    let whole = form(&[("name=\"a\"", "1")]);
    for body in [
        &whole[..whole.len() - 5],
        "",
        "preamble\r\n--XyZ--\r\n",
        "--XyZ\r\nno header\r\n\r\n\r\n--XyZ--",
        "--XyZ and more\r\n",
        "--XyZ--\r\nepilogue",
    ] {
        assert!(scan(body.as_bytes()).is_err(), "{body:?}");
    }
    let many = form(&vec![("name=\"a\"", "1"); MOST_PARTS + 1]);
    assert_eq!(scan(many.as_bytes()), Err(FormError::TooManyParts));
    let mut endless = Scanner::new(TYPE).unwrap();
    let header = format!("--XyZ\r\nX: {}", "x".repeat(PART_HEADERS_MAX_BYTES));
    assert!(endless.push(header.as_bytes()).is_err());
}

#[test]
fn of_a_long_field_only_the_beginning_is_kept() {
    let long = "é".repeat(KEPT_BYTES);
    let found = scan(form(&[("name=\"prompt\"", &long)]).as_bytes()).unwrap();
    let field = &found.fields[0];
    assert_eq!((field.at.len(), field.value.len() <= KEPT_BYTES + 3), (2 * KEPT_BYTES, true));
}

proptest! {
    #[test]
    fn how_the_bytes_were_cut_never_changes_what_is_found(
        parts in prop::collection::vec(("[a-z]{1,6}", prop::option::of("[a-z.]{0,6}"), "[ -~\r\n-]{0,40}"), 0..6),
        cuts in prop::collection::vec(0usize..600, 0..12),
    ) {
        let parts: Vec<(String, String)> = parts
            .into_iter()
            .enumerate()
            .map(|(at, (name, file, content))| {
                let file = file.map(|file| format!("; filename=\"{file}\"")).unwrap_or_default();
                (format!("name=\"{name}{at}\"{file}"), content.replace("--XyZ", "--Xyz"))
            })
            .collect();
        let borrowed: Vec<(&str, &str)> = parts.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        let body = form(&borrowed);
        let at_once = scan(body.as_bytes()).unwrap();
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(body.len())).collect();
        cuts.extend([0, body.len()]);
        cuts.sort_unstable();
        let mut scanner = Scanner::new(TYPE).unwrap();
        for pair in cuts.windows(2) {
            scanner.push(&body.as_bytes()[pair[0]..pair[1]]).unwrap();
        }
        scanner.finish().unwrap();
        prop_assert_eq!(&scanner.form, &at_once);
        for field in &at_once.fields {
            prop_assert_eq!(&body[field.at.clone()], field.value.as_str());
        }
        prop_assert_eq!(at_once.fields.len() + at_once.files.len(), parts.len());
    }

    #[test]
    fn bytes_that_are_no_form_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut body = b"--XyZ\r\n".to_vec();
        body.extend(&bytes);
        let _ = scan(&bytes);
        let _ = scan(&body);
    }
}
