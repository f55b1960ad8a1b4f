//! The head of an answer, and what it says about the body behind it (RFC 9112, 6.3).

use bytes::{Buf, BytesMut};
use http::{HeaderName, HeaderValue, StatusCode, header};
use pingora_http::ResponseHeader;

use super::{Body, NotHttp};

const MOST_HEADERS: usize = 128;
const HEAD_MAX_BYTES: usize = 64 << 10;

#[derive(Debug)]
pub(in crate::upstream) struct Head {
    pub(in crate::upstream) header: Box<ResponseHeader>,
    pub(in crate::upstream) body: Body,
    /// The connection may carry another call once the body has ended.
    pub(in crate::upstream) keeps_alive: bool,
}

/// Takes a whole head out of the buffer; `None` while it is not whole.
pub(in crate::upstream) fn take_head(buffer: &mut BytesMut) -> Result<Option<Head>, NotHttp> {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut answer = httparse::Response::new(&mut headers);
    let length = match answer.parse(buffer) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) if buffer.len() <= HEAD_MAX_BYTES => return Ok(None),
        _ => return Err(NotHttp),
    };
    let head = read(&answer)?;
    buffer.advance(length);
    Ok(Some(head))
}

fn read(answer: &httparse::Response<'_, '_>) -> Result<Head, NotHttp> {
    let status = StatusCode::from_u16(answer.code.ok_or(NotHttp)?).map_err(|_| NotHttp)?;
    let is_1_1 = answer.version == Some(1);
    let mut header =
        ResponseHeader::build_no_case(status, Some(answer.headers.len() + 4)).map_err(|_| NotHttp)?;
    for field in answer.headers.iter() {
        let name = HeaderName::from_bytes(field.name.as_bytes()).map_err(|_| NotHttp)?;
        let value = HeaderValue::from_bytes(field.value).map_err(|_| NotHttp)?;
        header.append_header(name, value).map_err(|_| NotHttp)?;
    }
    let body = body(status, is_1_1, &header)?;
    let keeps_alive = is_1_1 && !closes(&header) && !matches!(body, Body::UntilClose);
    Ok(Head { header: Box::new(header), body, keeps_alive })
}

fn body(status: StatusCode, is_1_1: bool, header: &ResponseHeader) -> Result<Body, NotHttp> {
    let length = content_length(header)?;
    let mut codings = header.headers.get_all(header::TRANSFER_ENCODING).iter();
    if let Some(coding) = codings.next() {
        let only_chunked = coding.as_bytes().trim_ascii().eq_ignore_ascii_case(b"chunked");
        // A length beside chunks is how two readers are made to see two answers.
        if !only_chunked || codings.next().is_some() || !is_1_1 || length.is_some() {
            return Err(NotHttp);
        }
    }
    let is_chunked = header.headers.contains_key(header::TRANSFER_ENCODING);
    Ok(match (status, is_chunked, length) {
        (StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED, ..) => Body::Length(0),
        (status, ..) if status.is_informational() => Body::Length(0),
        (_, true, _) => Body::chunked(),
        (_, false, Some(length)) => Body::Length(length),
        (_, false, None) => Body::UntilClose,
    })
}

/// The one length that all `Content-Length` headers agree on.
fn content_length(header: &ResponseHeader) -> Result<Option<u64>, NotHttp> {
    let mut agreed = None;
    for value in header.headers.get_all(header::CONTENT_LENGTH) {
        let digits = value.as_bytes();
        if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
            return Err(NotHttp);
        }
        let length: u64 = value.to_str().ok().and_then(|text| text.parse().ok()).ok_or(NotHttp)?;
        if agreed.replace(length).is_some_and(|before| before != length) {
            return Err(NotHttp);
        }
    }
    Ok(agreed)
}

fn closes(header: &ResponseHeader) -> bool {
    header.headers.get_all(header::CONNECTION).iter().any(|value| {
        value
            .as_bytes()
            .split(|byte| *byte == b',')
            .any(|word| word.trim_ascii().eq_ignore_ascii_case(b"close"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(text: &str) -> Result<Option<Head>, NotHttp> {
        take_head(&mut BytesMut::from(text))
    }

    fn body_of(fields: &str) -> Result<Body, NotHttp> {
        head(&format!("HTTP/1.1 200 OK\r\n{fields}\r\n")).map(|head| head.unwrap().body)
    }

    #[test]
    fn the_head_is_taken_and_the_body_stays() {
        let mut buffer =
            BytesMut::from("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Two: a\r\nx-two: b\r\n\r\nhello");
        let head = take_head(&mut buffer).unwrap().unwrap();
        assert_eq!(&buffer[..], b"hello");
        assert_eq!(head.header.headers.get_all("x-two").iter().count(), 2);
        assert_eq!(head.body, Body::Length(5));
        assert!(head.keeps_alive);
    }

    #[test]
    fn a_head_that_is_not_whole_is_waited_for_and_left_as_it_is() {
        let whole = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
        for cut in 0..whole.len() {
            let mut buffer = BytesMut::from(&whole[..cut]);
            assert!(take_head(&mut buffer).unwrap().is_none(), "{cut}");
            assert_eq!(buffer.len(), cut);
        }
    }

    #[test]
    fn the_end_of_the_body_is_found_as_the_standard_says() {
        assert_eq!(body_of("Content-Length: 7\r\nContent-Length: 7\r\n"), Ok(Body::Length(7)));
        assert_eq!(body_of("Transfer-Encoding: Chunked\r\n"), Ok(Body::chunked()));
        assert_eq!(body_of(""), Ok(Body::UntilClose));
        for status in [100, 103, 204, 304] {
            let empty = head(&format!("HTTP/1.1 {status} x\r\n\r\n")).unwrap().unwrap();
            assert_eq!(empty.body, Body::Length(0));
        }
    }

    #[test]
    fn what_two_readers_could_read_in_two_ways_is_refused() {
        for fields in [
            "Content-Length: 7\r\nContent-Length: 8\r\n",
            "Content-Length: 7, 7\r\n",
            "Content-Length: +7\r\n",
            "Content-Length: 0x7\r\n",
            "Content-Length: \r\n",
            "Content-Length: 99999999999999999999\r\n",
            "Content-Length: 7\r\nTransfer-Encoding: chunked\r\n",
            "Transfer-Encoding: gzip, chunked\r\n",
            "Transfer-Encoding: identity\r\n",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
            "X-A: b\r\n folded\r\n",
            "X A: b\r\n",
        ] {
            assert_eq!(body_of(fields), Err(NotHttp), "{fields:?}");
        }
        assert!(head("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").is_err());
        assert!(head("SSH-2.0-OpenSSH_9.2\r\n").is_err());
        assert!(head(&format!("HTTP/1.1 200 OK\r\nX: {}", "x".repeat(HEAD_MAX_BYTES))).is_err());
    }

    #[test]
    fn a_connection_is_kept_only_when_both_sides_can_know_where_the_answer_ended() {
        let keeps = |text: &str| head(text).unwrap().unwrap().keeps_alive;
        assert!(keeps("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: keep-alive\r\n\r\n"));
        assert!(!keeps("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: x, Close\r\n\r\n"));
        assert!(!keeps("HTTP/1.1 200 OK\r\n\r\n"));
        assert!(!keeps("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n"));
    }
}
